"""Statistics that arrive steps later are those that arrive at once, in order and complete, and nothing waits for them."""

import math
import unittest
from unittest import mock

import torch
from torch.nn.functional import cross_entropy

from trainmon import Canaries, Sentinels
from trainmon._enums import Statistic
from trainmon._report import LogScalars
from trainmon._torch import readout, session
from trainmon._torch.readout import Numbers, Readout
from trainmon._torch.schedule import StepSchedule

from . import oracle
from .capture import watched
from .fake_device import FakeDevice, fake_device

OPTIMIZERS = {
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1, amsgrad=True),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01),
    "plain": lambda p: torch.optim.SGD(p, lr=0.05),
    "unknown": lambda p: torch.optim.RMSprop(p, lr=0.01),
}


class LeavesOut(torch.optim.SGD):
    """As a fused optimizer with a scaler: it asks the device by itself whether to step."""

    found_inf = None

    def step(self, closure=None):
        found, self.found_inf = self.found_inf, None  # torch's own refuses it where it is not fused
        if found is None or not float(found):
            super().step(closure)


class ReadoutTests(unittest.TestCase):
    def test_numbers_are_told_in_order_each_when_it_is_ready_and_none_is_waited_for(self):
        device, told, arrived = FakeDevice(0), [], []
        line = Readout()
        with mock.patch.object(readout, "begin", device.begin):
            for name, steps in (("a", 3), ("b", 1), ("c", 5)):
                device.steps = steps
                numbers = Numbers()
                numbers.add(torch.tensor([1.0, 2.0]), lambda values, name=name: told.append((name, values.tolist())))
                numbers.add(torch.tensor(7), lambda values, name=name: told.append((name, values.tolist())))
                numbers.then(lambda name=name: told.append(name))
                line.start(numbers, lambda _, name=name: arrived.append(name))
            expected = []
            for step in range(6):
                device.now = step
                line.poll()
                self.assertEqual(arrived, [] if step < 3 else ["a", "b"] if step < 5 else ["a", "b", "c"])
                for name in arrived[len(expected) // 3 :]:
                    expected += [(name, [1.0, 2.0]), (name, [7.0]), name]
                self.assertEqual(told, expected)
        self.assertFalse(line)

    def test_the_end_waits_so_long_and_no_longer(self):
        device, line = FakeDevice(10), Readout()
        with mock.patch.object(readout, "begin", device.begin):
            line.start(Numbers(), lambda _: None)
            self.assertFalse(line.drain(0.01))
            device.now = 10
            self.assertTrue(line.drain(0.0))

    def train(self, make, steps=9, clocks=False, scaler=False):
        torch.manual_seed(0)
        model = oracle.network("tokens")
        optimizer = make(model.parameters())
        options = {}
        if clocks:
            inputs, labels = oracle.batch("tokens", examples=40, seed=99)
            canaries = Canaries(40, 3, 1)
            options = {"canaries": canaries, "sentinels": Sentinels(40, lambda ids: cross_entropy(model(inputs[ids]), labels[ids], reduction="none"), 0.3, 2, interval=3)}
        monitor, transport, said = watched(model, optimizer, dataset_size=40, batch_size=10, **options)
        for step in range(steps):
            x, y = oracle.batch("tokens", seed=step)
            ids = list(range(10 * (step % 4), 10 * (step % 4) + 10))
            optimizer.zero_grad()
            outputs = model(x)
            loss = cross_entropy(outputs, y)
            loss.backward()
            if scaler:
                optimizer.found_inf = torch.tensor(float(step == 4))
            if step % 2:
                monitor.clip_grad_norm_(model.parameters(), 0.2)
            monitor.log(loss=loss, indices=ids, twice=2 * loss.detach(), **({"outputs": outputs, "targets": y} if clocks else {}))
            optimizer.step()
        self.during = len(transport.reports)
        monitor._session.flush()
        return monitor, transport, said

    def compare(self, expected, actual, relative=1e-9):
        self.assertEqual([r.step for r in actual], [r.step for r in expected])
        for a, e in zip(actual, expected):
            self.assertEqual(sorted(a.columns), sorted(e.columns))
            for statistic, column in e.columns.items():
                for one, other in zip(a.columns[statistic], column):
                    self.assertTrue(abs(one - other) <= relative * abs(other) + 1e-14 or (math.isnan(one) and math.isnan(other)), f"step {e.step}, {statistic.name}")
            for name in ("loss", "learning_rate", "clip_coefficient"):
                one, other = getattr(a.values, name), getattr(e.values, name)
                self.assertTrue(one is other or abs(one - other) < 1e-9, f"step {e.step}, {name}: {one}, {other}")
            self.assertEqual((a.exact, a.unit_count, a.skipped, a.pair_invalid), (e.exact, e.unit_count, e.skipped, e.pair_invalid))
            for one, other in ((a.lag, e.lag), (a.canaries, e.canaries), (a.sentinels, e.sentinels)):
                self.assertEqual(one is None, other is None)
                for name, value in vars(other).items() if other is not None else ():
                    self.assertTrue(getattr(one, name) == value if isinstance(value, bytes) else abs(getattr(one, name) - value) <= 1e-9 * max(abs(value), 1e-3), f"step {e.step}, {name}")

    def test_late_reports_are_those_that_come_at_once(self):
        for name, make in OPTIMIZERS.items():
            for late in (0, 1, 4):
                for clocks in (False, True):
                    with self.subTest(optimizer=name, late=late, clocks=clocks):
                        _, expected, _ = self.train(make, clocks=clocks)
                        with fake_device(late) as device:
                            monitor, actual, said = self.train(make, clocks=clocks)
                            self.assertEqual(said, [])
                            device.now += 10
                            monitor.finish()
                        self.assertGreaterEqual(device.started, 9)
                        self.compare(expected.reports, actual.reports)
                        own = [[(i.step, round(i.scalars["twice"], 12)) for i in t.items if isinstance(i, LogScalars)] for t in (actual, expected)]
                        self.assertEqual(own[0], own[1])

    def test_a_step_that_the_device_left_out_is_known_late_and_spoils_the_pair(self):
        for late in (0, 3):
            with fake_device(late) as device:
                monitor, transport, said = self.train(lambda p: LeavesOut(p, lr=0.05, momentum=0.9), scaler=True)
                device.now += 10
                monitor.finish()
            self.assertEqual(said, [])
            self.assertEqual([r.skipped for r in transport.reports], [step == 4 for step in range(9)])
            self.assertEqual((transport.reports[4].columns, transport.reports[4].lag), ({}, None))
            self.assertNotIn(Statistic.CROSS, transport.reports[5].columns)
            self.assertIsNone(transport.reports[5].lag)
            self.assertTrue(transport.reports[5].pair_invalid)
            self.assertIn(Statistic.CROSS, transport.reports[6].columns)

    def test_a_layer_that_does_not_add_up_is_refused_late(self):
        with fake_device(2) as device:
            model = oracle.network("tokens")
            optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
            monitor, transport, said = watched(model, optimizer)
            for step in range(8):
                x, y = oracle.batch("tokens", seed=step)
                optimizer.zero_grad()
                (cross_entropy(model(x), y) + model[0].weight.square().sum()).backward()
                monitor.log(loss=1.0)
                optimizer.step()
            device.now += 10
            monitor.finish()
        self.assertEqual(said, [])
        self.assertIn("add up", transport.description.unavailable["example_grad_sq/0"])
        for report in transport.reports:
            self.assertEqual([value == value for value in report.columns[Statistic.EXAMPLE_GRAD_SQ]], [False, True, True, True, True])

    def test_accumulated_passes_arrive_late_too(self):
        def train():
            model = oracle.network("tokens")
            optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
            monitor, transport, said = watched(model, optimizer, batch_size=12)
            for step in range(4):
                optimizer.zero_grad()
                for unit in range(3):
                    x, y = oracle.batch("tokens", examples=4, seed=10 * step + unit)
                    (cross_entropy(model(x), y) / 3).backward()
                optimizer.step()
            return monitor, transport, said

        monitor, expected, _ = train()
        monitor.finish()
        with fake_device(2) as device:
            monitor, actual, said = train()
            device.now += 10
            monitor.finish()
        self.assertEqual(said, [])
        self.assertEqual([r.unit_count for r in actual.reports], [3] * 4)
        self.compare(expected.reports, actual.reports)

    def test_a_device_far_behind_gets_no_more(self):
        with fake_device(1000) as device, mock.patch.object(readout, "MOST", 4):
            monitor, transport, said = self.train(OPTIMIZERS["adam"], steps=30)
            self.assertTrue(monitor.is_on)
            self.assertEqual(transport.reports, [])
            self.assertLess(device.started, 60)
            device.now += 2000
            monitor.finish()
        self.assertEqual(len(said), 1)
        self.assertIn("far behind", said[0])
        looked = [report.step for report in transport.reports if report.columns]
        self.assertEqual(looked[:2], [0, 1])
        self.assertLess(len(looked), 6)

    def test_what_a_device_does_not_deliver_by_the_end_is_said(self):
        with fake_device(1000), mock.patch("trainmon._monitor._DEVICE_SECONDS", 0.05):
            monitor, transport, said = self.train(OPTIMIZERS["adam"], steps=3)
            monitor.finish()
        self.assertEqual(said[-1:], ["the device did not get to the last statistics in time; they are left out"])
        self.assertEqual(transport.reports, [])

    def test_time_of_the_device_is_paid_for(self):
        with fake_device(1) as device:
            device.seconds = 0.25
            model = oracle.network()
            optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
            monitor, _, _ = watched(model, optimizer, pair_interval=None, exact_interval=0)
            charged, charge = [], StepSchedule.charge
            with mock.patch.object(monitor._session._outbox, "_spent", charged.append):
                for step in range(3):
                    x, y = oracle.batch(seed=step)
                    optimizer.zero_grad()
                    cross_entropy(model(x), y).backward()
                    optimizer.step()
            monitor.finish()
        self.assertEqual(charged, [0.25, 0.25])
        schedule = StepSchedule(0.01, None, 0, True)
        for step in (0, 16, 32):
            schedule.next_look(step)
            schedule.record(schedule.plan(step), step, 0.1, 0.0005, 0.0)
            schedule.break_pair()
        soon = schedule.next_look(33)
        charge(schedule, 0.5)
        self.assertGreaterEqual(schedule.next_look(33), soon + 400)  # 0.1 s a step earns 1 ms

    def test_while_a_graph_is_captured_nothing_happens(self):
        model = oracle.network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        monitor, transport, _ = watched(model, optimizer)
        monitor._session._device = torch.device("cuda")
        x, y = oracle.batch()
        with mock.patch.object(session, "capturing", lambda: True), mock.patch("trainmon._torch.exact.capturing", lambda: True):
            cross_entropy(model(x), y).backward()
            optimizer.step()
        self.assertEqual((monitor.step, monitor._session._units.exact.examples), (0, 0))
        monitor._session._device = torch.device("cpu")
        monitor.finish()
        self.assertEqual(transport.reports, [])


if __name__ == "__main__":
    unittest.main()
