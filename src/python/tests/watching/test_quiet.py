"""Steps that pass without a look: counted, timed, interrupted where something is wanted, and nothing of ours runs in them."""

import unittest
from unittest import mock

import torch
from torch.nn.functional import cross_entropy

from trainmon import Probes
from trainmon._report import LogScalars, ProbeResult
from trainmon._torch.quiet import Quiet

from . import oracle
from .capture import watched


class QuietTests(unittest.TestCase):
    def setUp(self):
        self.model = oracle.network()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.5)

    def watch(self, **options):
        self.monitor, self.transport, self.said = watched(self.model, self.optimizer, **{"pair_interval": 16, "exact_interval": 16, **options})
        self.calls = []
        for name in ("before_update", "after_update"):
            original = getattr(self.monitor._session, name)
            patch = mock.patch.object(self.monitor._session, name, side_effect=lambda o=original, n=name: (self.calls.append((n, self.monitor._session.step)), o())[1])
            patch.start()
            self.addCleanup(patch.stop)

    def train(self, steps, examples=10, each=lambda step: None, log=True, step=None):
        for _ in range(steps):
            number = self.monitor.step
            x, y = oracle.batch(examples=examples, seed=number)
            self.optimizer.zero_grad()
            loss = cross_entropy(self.model(x), y)
            loss.backward()
            each(number)
            if log:
                self.monitor.log(loss=loss, indices=range(examples))
            (step or self.optimizer.step)()

    def finish(self):
        self.monitor.finish()
        self.assertEqual(self.said, [])
        return [report.step for report in self.transport.reports]

    def test_only_looks_and_the_step_before_them_are_ours(self):
        self.watch()
        self.train(49)
        self.assertEqual([step for name, step in self.calls if name == "before_update"], [0, 1, 2, 15, 16, 17, 18, 31, 32, 33, 34, 47, 48])
        self.assertEqual(self.finish(), [0, 1, 16, 17, 32, 33, 48])
        self.assertEqual([r.values.samples for r in self.transport.reports], [10.0 * (r.step + 1) for r in self.transport.reports])
        self.assertTrue(all(r.values.step_seconds is not None for r in self.transport.reports[2:] if not r.step % 16))
        self.assertIsNotNone(self.transport.reports[3].lag)

    def test_batches_of_other_sizes_are_counted_as_they_come(self):
        self.watch()
        for examples in (10, 7, 7, 10, 3):
            self.train(5, examples)
        self.finish()
        self.assertEqual({r.step: r.values.samples for r in self.transport.reports}, {0: 10.0, 1: 20.0, 16: 50 + 70 + 20.0, 17: 150.0})

    def test_batches_are_remembered_as_far_back_as_a_lag_look_wants_them(self):
        self.watch()
        self.train(40)
        batches = self.monitor._session._units.lags._batches
        self.assertEqual(batches[-1][0], 39)
        self.watch_plain()
        self.train(30)
        self.assertEqual([step for step, _ in self.monitor._session._units.lags._batches], [17, 18])
        self.finish()

    def watch_plain(self):
        self.monitor.finish()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01)
        self.watch()

    def test_a_value_that_is_wanted_at_a_quiet_step_is_sent_with_it(self):
        self.watch()

        def each(step):
            if step == 5:
                self.monitor.log(held_out_loss=2.5)
            if step == 9:
                self.monitor.log(mine=step)

        self.train(20, each=each)
        self.assertEqual(self.finish(), [0, 1, 5, 16, 17])
        self.assertEqual(self.transport.reports[2].values.held_out_loss, 2.5)
        self.assertEqual([(i.step, i.scalars) for i in self.transport.items if isinstance(i, LogScalars)], [(9, {"mine": 9.0})])

    def test_a_skipped_step_among_quiet_ones(self):
        self.watch()
        self.train(6)
        self.monitor.skip_step()
        self.train(14)
        self.assertEqual(self.monitor.step, 21)
        self.assertEqual(self.finish(), [0, 1, 6, 16, 17])
        self.assertEqual([r.step for r in self.transport.reports if r.skipped], [6])
        self.assertEqual([r.values.samples for r in self.transport.reports if r.step == 16], [170.0])

    def test_a_step_that_fails_is_none(self):
        self.watch()
        self.train(6)
        with self.assertRaisesRegex(RuntimeError, "no loss"):
            self.optimizer.step(self.fails)
        self.train(14)
        self.assertEqual(self.monitor.step, 20)
        self.assertEqual(self.finish(), [0, 1, 16, 17])

    def fails(self):
        raise RuntimeError("no loss")

    def test_a_step_within_a_step_is_one(self):
        class Twice(torch.optim.SGD):
            def step(self, closure=None):
                return super().step(closure)

        self.optimizer = Twice(self.model.parameters(), lr=0.01)
        self.watch()
        self.train(40)
        self.assertEqual(self.monitor.step, 40)
        self.assertEqual(self.finish(), [0, 1, 16, 17, 32, 33])

    def test_a_probe_that_is_due_or_asked_for_interrupts(self):
        loss = lambda: cross_entropy(self.model(oracle.batch()[0]), oracle.batch()[1])  # noqa: E731
        self.watch(probes=Probes(loss=loss, interval=10, iterations=2))

        def each(step):
            if step == 5:
                self.monitor._sender.probe_soon = True
                self.monitor._sender.on_wake()

        self.train(23, each=each)
        self.finish()
        self.assertEqual([i.step for i in self.transport.items if isinstance(i, ProbeResult)], [0, 5, 10, 20])

    def test_who_leaves_does_so_at_the_next_step(self):
        self.watch()
        left = []
        self.monitor.on_left = lambda: left.append(True)
        self.train(6)
        self.monitor.leave()
        self.train(1)
        self.assertEqual(left, [True])
        self.assertFalse(self.monitor.is_on)

    def test_hooks_of_a_look_leave_nothing_on_the_tensors(self):
        self.watch(pair_interval=4, exact_interval=4)
        self.train(3)
        self.assertEqual([p._backward_hooks for p in self.model.parameters()], [None] * 4)
        kept = next(self.model.parameters()).register_hook(lambda g: None)
        self.train(6)
        self.assertEqual(len(next(self.model.parameters())._backward_hooks), 1)
        kept.remove()
        self.finish()

    def test_counting(self):
        quiet = Quiet()
        quiet.plan(5)
        quiet.left -= 2
        self.assertEqual((quiet.passed, quiet.count(), quiet.passed, quiet.left), (2, 2, 0, 3))
        quiet.plan(-1)
        self.assertEqual((quiet.left, quiet.passed), (0, 0))


if __name__ == "__main__":
    unittest.main()
