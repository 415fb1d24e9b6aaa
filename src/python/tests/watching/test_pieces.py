"""The sums in pieces against the definitions in float64, for parameters larger than a piece; staleness and the proxy of the gate; what the schedule does with time."""

import unittest
from unittest import mock

import torch

from trainmon._enums import Statistic
from trainmon._torch import chunks
from trainmon._torch.schedule import StepSchedule

from .capture import watched

OPTIMIZERS = {
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adam with decay in the gradient": lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1, betas=(0.8, 0.95)),
    "amsgrad": lambda p: torch.optim.Adam(p, lr=0.01, amsgrad=True),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01, dampening=0.2),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "plain": lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.01),
}


class PiecesTests(unittest.TestCase):
    def test_every_sum_of_a_parameter_larger_than_a_piece(self):
        for name, make in OPTIMIZERS.items():
            for kind, size, tolerance in ((torch.float64, 100, 1e-9), (torch.float32, 1 << 16, 3e-5)):
                with self.subTest(optimizer=name, type=kind), mock.patch.object(chunks, "PIECE", size):
                    self.compare(make, kind, tolerance)

    def compare(self, make, kind, tolerance):
        torch.manual_seed(1)
        layer = torch.nn.Linear(301 if kind == torch.float64 else 400, 211 if kind == torch.float64 else 401, bias=False).to(kind)
        optimizer = make(layer.parameters())
        monitor, transport, said = watched(layer, optimizer, exact_interval=0)
        expected, last = [], None
        for step in range(10):
            w = layer.weight.detach().double().clone()
            layer.weight.grad = (0.1 * torch.randn_like(layer.weight) + 0.05 * layer.weight.detach()).to(kind)
            g = layer.weight.grad.double()
            state = optimizer.state[layer.weight]
            beta2 = optimizer.param_groups[0].get("betas", (0, 0))[1]
            old = state.get("max_exp_avg_sq", state.get("exp_avg_sq"))
            root = None if old is None else (old.double() / (1 - beta2 ** float(state["step"]))).sqrt() + 1e-8
            optimizer.step()
            u = w - layer.weight.detach().double()
            sums = {Statistic.GRAD_SQ: (g * g).sum(), Statistic.GRAD_DOT_WEIGHT: (g * w).sum(), Statistic.WEIGHT_SQ: (w * w).sum(), Statistic.NONFINITE: 0.0}
            near_update = {Statistic.OWN: (g * u).sum(), Statistic.UPDATE_SQ: (u * u).sum()}
            if last is not None:
                near_update[Statistic.CROSS] = (g * last).sum()
            state = optimizer.state[layer.weight]
            if "exp_avg" in state:
                m, v, t, beta1 = state["exp_avg"].double(), state["exp_avg_sq"].double(), float(state["step"]), optimizer.param_groups[0]["betas"][0]
                sums[Statistic.MOMENTUM_SQ], sums[Statistic.SECOND_MOMENT_SUM] = (m * m).sum(), v.sum()
                if root is not None:
                    sums[Statistic.RMS_STALENESS] = (g / root).square().mean().sqrt()
                if step % 8 == 0:
                    mean, second = (m / (1 - beta1**t)).square(), v / (1 - beta2**t)
                    self.open_near = ((mean > second - mean).sum(), 4 if kind == torch.float32 else 0)
                    sums[Statistic.GATE_TOTAL_PROXY] = (second > 0).sum()
            elif state.get("momentum_buffer") is not None:
                sums[Statistic.MOMENTUM_SQ] = state["momentum_buffer"].double().square().sum()
            expected.append((sums, near_update))
            if Statistic.GATE_TOTAL_PROXY in sums:
                expected[-1] += (self.open_near,)
            last = u
        monitor.finish()
        self.assertEqual(said, [])
        for report, (sums, near_update, *gate) in zip(transport.reports, expected):
            for statistic, value in sums.items():
                self.assertLessEqual(abs(report.columns[statistic][0] - float(value)), tolerance * abs(float(value)) + 1e-12, (report.step, statistic))
            for statistic, value in near_update.items():
                # Weights in float32 hold their own update to few digits.
                scale = abs(float(value)) if kind == torch.float64 else max(abs(float(value)), float((sums[Statistic.GRAD_SQ] * near_update[Statistic.UPDATE_SQ]).sqrt()))
                self.assertLessEqual(abs(report.columns[statistic][0] - float(value)), (tolerance if kind == torch.float64 else 1e-3) * scale + 1e-12, (report.step, statistic))
            if gate and report.step > 0:  # at the first step mean^2 and variance tie
                self.assertLessEqual(abs(report.columns[Statistic.GATE_OPEN_PROXY][0] - float(gate[0][0])), gate[0][1])
            elif not gate:
                self.assertNotIn(Statistic.GATE_OPEN_PROXY, report.columns)

    def test_elements_that_are_no_numbers_are_counted(self):
        for name in ("adam", "momentum", "amsgrad"):
            layer = torch.nn.Linear(30, 20)
            optimizer = OPTIMIZERS[name](layer.parameters())
            monitor, transport, said = watched(layer, optimizer, exact_interval=0)
            for bad in (0, 3):
                for p in layer.parameters():
                    p.grad = torch.ones_like(p)
                layer.weight.grad.view(-1)[:bad] = float("nan")
                optimizer.step()
            monitor.finish()
            self.assertEqual(said, [])
            self.assertEqual([list(r.columns[Statistic.NONFINITE]) for r in transport.reports], [[0.0], [3.0]])


class ScheduleTests(unittest.TestCase):
    def run_schedule(self, schedule, steps, step_seconds, cheap, dear):
        """Share of the time spent on looks, over the second half."""
        look, spent, looks, previous = schedule.next_look(0), 0.0, 0, -9
        for step in range(steps):
            if step < look:
                continue
            look = schedule.next_look(step)
            if look > step:
                continue
            plan = schedule.plan(step)
            schedule.record(plan, step, step_seconds if step > 0 else None, cheap, dear if plan.capture else 0.0)
            if step > steps // 2:
                spent += cheap + (dear if plan.capture else 0.0)
                looks += 1
            look = schedule.next_look(step + 1)
            previous = step
        return spent / (step_seconds * (steps - steps // 2)), looks

    def test_the_budget_holds_and_is_used(self):
        for step_seconds, cheap, dear in ((2e-4, 1.5e-4, 1e-3), (0.1, 0.02, 0.05), (0.01, 1e-5, 1e-3)):
            share, looks = self.run_schedule(StepSchedule(0.01, None, None, True), 60000, step_seconds, cheap, dear)
            self.assertLess(share, 0.0115, (step_seconds, cheap))
            self.assertGreater(looks, 0)
            self.assertGreater(share, 0.002)

    def test_forced_intervals_are_kept(self):
        schedule = StepSchedule(0.01, 4, 8, True)
        seen = []
        for step in range(20):
            if schedule.next_look(step) == step:
                plan = schedule.plan(step)
                schedule.record(plan, step, 1.0, 1.0, 1.0)
                seen.append((step, plan.second, plan.exact, plan.lag))
        self.assertEqual(seen, [
            (0, False, True, False), (1, True, False, True), (4, False, False, False), (5, True, False, False), (8, False, True, False), (9, True, False, True),
            (12, False, False, False), (13, True, False, False), (16, False, True, False), (17, True, False, True)])


if __name__ == "__main__":
    unittest.main()
