"""GradScaler in both of its ways, skipped steps, autocast and clipping: what is reported is what the optimizer takes."""

import subprocess
import sys
import unittest
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

from trainmon._enums import Statistic
from trainmon._torch.scalers import _classes

from . import oracle
from .capture import watched

try:
    REAL = torch.amp.GradScaler
    REAL("cpu")
except (AttributeError, RuntimeError, TypeError):
    REAL = None


class HandMade:
    """A scaler after torch's own: where there is no device that torch's works on. It decides through the same method, which torch's step calls."""

    def __init__(self, init_scale):
        self._scale = torch.tensor(float(init_scale))
        self._found = {}

    def scale(self, loss):
        return loss * self._scale

    def unscale_(self, optimizer):
        bad = 0.0
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.grad.div_(self._scale)
                bad += float(not torch.isfinite(p.grad).all())
        self._found[optimizer] = bad

    def step(self, optimizer):
        if optimizer not in self._found:
            self.unscale_(optimizer)
        state = {"found_inf_per_device": {"cpu": torch.tensor(self._found.pop(optimizer))}}
        next(_classes())._maybe_opt_step(self, optimizer, state)

    def update(self):
        pass


def scaler(init_scale=1024.0):
    return REAL("cpu", init_scale=init_scale) if REAL is not None else HandMade(init_scale)


class MixedPrecisionTests(unittest.TestCase):
    def train(self, make, watch=True, overflow=(), clip=None, kind="plain", steps=5):
        model = oracle.network(kind)
        optimizer = make(model.parameters())
        monitor, transport, said = watched(model, optimizer) if watch else (None, None, [])
        scale = scaler()
        expected = []
        for step in range(steps):
            x, y = oracle.batch(kind, seed=step)
            each, before = oracle.example_gradients(model, x, y), oracle.weights(model)
            optimizer.zero_grad()
            loss = cross_entropy(model(x), y)
            scale.scale(loss).backward()
            if step in overflow:
                next(model.parameters()).grad[0, 0] = float("inf")
            if monitor is not None:
                monitor.log(loss=loss, indices=range(10 * (step % 3), 10 * (step % 3) + 10))
            if clip is not None:
                scale.unscale_(optimizer)
                torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
            scale.step(optimizer)
            scale.update()
            expected.append((each, [b - a.detach() for b, a in zip(before, model.parameters())]))
        if monitor is not None:
            monitor.finish()
        self.assertEqual(said, [])
        return model, transport and transport.reports, expected

    def check(self, model, report, each, update, last, factor=1.0):
        gradient = [factor * sum(e[k] for e in each) / len(each) for k in range(len(update))]
        mean_sq = [factor**2 * sum(e[k].square().sum() for e in each) / len(each) for k in range(len(update))]
        self.near(report, Statistic.GRAD_SQ, oracle.by_layer(model, [g.square().sum() for g in gradient]))
        self.near(report, Statistic.EXAMPLE_GRAD_SQ, oracle.by_layer(model, mean_sq))
        self.near(report, Statistic.OWN, oracle.by_layer(model, [(g * u).sum() for g, u in zip(gradient, update)]))
        if last is not None:
            self.near(report, Statistic.CROSS, oracle.by_layer(model, [(g * u).sum() for g, u in zip(gradient, last)]))
            cross = sum(factor * float((g * u).sum()) for e in each for g, u in zip(e, last))
            self.assertAlmostEqual(report.lag.sum_cross, cross, 9)

    def near(self, report, statistic, expected):
        for a, e in zip(report.columns[statistic], expected):
            self.assertLessEqual(abs(a - e), 1e-8 * abs(e) + 1e-15, f"{statistic.name}: {list(report.columns[statistic])} for {expected}")

    def test_unscaled_values_of_an_optimizer_that_the_scaler_unscales_for(self):
        for make in (lambda p: torch.optim.Adam(p, lr=0.01), lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)):
            model, reports, expected = self.train(make)
            last = None
            for report, (each, update) in zip(reports, expected):
                self.check(model, report, each, update, last)
                last = update

    def test_a_step_that_the_scaler_leaves_out_is_counted_and_marks_the_pair(self):
        model, reports, expected = self.train(lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9), overflow=(2,))
        self.assertEqual([(r.step, r.skipped) for r in reports], [(0, False), (1, False), (2, True), (3, False), (4, False)])
        self.assertEqual(reports[2].columns, {})
        self.assertNotIn(Statistic.CROSS, reports[3].columns)
        self.assertIsNone(reports[3].lag)
        self.check(model, reports[4], *expected[4], expected[3][1])

    def test_clipping_is_seen_in_the_sums_over_examples(self):
        model, reports, expected = self.train(lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9), clip=0.1)
        for report, (each, update) in zip(reports, expected):
            norm = sum(float((sum(e[k] for e in each) / len(each)).square().sum()) for k in range(len(update))) ** 0.5
            self.check(model, report, each, update, None, 0.1 / (norm + 1e-6))
            self.assertIsNone(report.values.clip_coefficient, "with a scaler the factor is not known to be clipping")

    def test_clipping_alone_has_its_coefficient(self):
        for ours in (False, True):
            model = oracle.network()
            optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
            monitor, transport, _ = watched(model, optimizer, exact_interval=0 if ours else 1)
            x, y = oracle.batch()
            cross_entropy(model(x), y).backward()
            if ours:
                norm = monitor.clip_grad_norm_(model.parameters(), 0.1)
            else:
                norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)
            monitor.log(loss=1.0)
            optimizer.step()
            monitor.finish()
            self.assertAlmostEqual(transport.reports[0].values.clip_coefficient, 0.1 / (float(norm) + 1e-6), 9)

    def test_the_run_is_the_same_in_every_bit(self):
        make = lambda p: torch.optim.AdamW(p, lr=0.01)  # noqa: E731
        plain, _, _ = self.train(make, watch=False, overflow=(3,), steps=12)
        seen, _, _ = self.train(make, watch=True, overflow=(3,), steps=12)
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(plain.parameters(), seen.parameters())))

    @unittest.skipIf(REAL is None, "this torch has no GradScaler for the processor, nor fused optimizers there")
    def test_a_fused_optimizer_unscales_by_itself(self):
        for make in (lambda p: torch.optim.AdamW(p, lr=0.01, fused=True), lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, fused=True)):
            model, reports, expected = self.train(make, overflow=(2,))
            self.assertEqual([r.skipped for r in reports], [False, False, True, False, False])
            self.check(model, reports[0], *expected[0], None)
            self.check(model, reports[1], *expected[1], expected[0][1])
            self.assertNotIn(Statistic.CROSS, reports[3].columns)
            self.check(model, reports[4], *expected[4], expected[3][1])

    def test_a_hand_made_scaler_says_so_itself(self):
        model = oracle.network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
        monitor, transport, said = watched(model, optimizer)
        for step in range(3):
            x, y = oracle.batch(seed=step)
            optimizer.zero_grad()
            (64 * cross_entropy(model(x), y)).backward()
            for p in model.parameters():
                p.grad.div_(64)
            if step == 1:
                monitor.skip_step()
            else:
                optimizer.step()
        monitor.finish()
        self.assertEqual(said, [])
        self.assertEqual([r.skipped for r in transport.reports], [False, True, False])
        self.assertTrue(transport.reports[2].exact)

    def test_autocast_in_bfloat16(self):
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Linear(6, 32), torch.nn.ReLU(), torch.nn.Linear(32, 3))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        monitor, transport, said = watched(model, optimizer)
        for step in range(3):
            x, y = oracle.batch(seed=step, dtype=torch.float32)
            each = oracle.example_gradients(model, x, y)
            before = oracle.weights(model)
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                loss = cross_entropy(model(x).float(), y)
            loss.backward()
            gradient = [p.grad.clone() for p in model.parameters()]
            monitor.log(loss=loss)
            optimizer.step()
            update = [b - a.detach() for b, a in zip(before, model.parameters())]
            mean_sq = oracle.by_layer(model, [sum(e[k].square().sum() for e in each) / len(each) for k in range(4)])
        monitor.finish()
        self.assertEqual(said, [])
        report = transport.reports[-1]
        self.assertTrue(report.exact)
        for a, e in zip(report.columns[Statistic.EXAMPLE_GRAD_SQ], mean_sq):
            self.assertLess(abs(a - e), 0.03 * e)  # the passes themselves were in 16 bits
        for a, e in zip(report.columns[Statistic.OWN], oracle.by_layer(model, [(g * u).sum() for g, u in zip(gradient, update)])):
            self.assertLess(abs(a - e), 1e-4 * abs(e))


class WrappingTests(unittest.TestCase):
    def test_torchs_scaler_is_as_it_was_afterwards(self):
        # In a process of its own: monitors that other tests leave behind watch scalers too.
        program = """
import torch
from tests.watching import oracle
from tests.watching.capture import watched
from trainmon._torch.scalers import _classes
classes = list(_classes())
before = [c._maybe_opt_step for c in classes]
model = oracle.network()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
monitor, _, _ = watched(model, optimizer)
assert classes and all(c._maybe_opt_step is not b for c, b in zip(classes, before))
monitor.finish()
assert all(c._maybe_opt_step is b for c, b in zip(classes, before))
"""
        subprocess.run([sys.executable, "-W", "ignore", "-c", program], cwd=Path(__file__).resolve().parents[2], check=True, timeout=60)


if __name__ == "__main__":
    unittest.main()
