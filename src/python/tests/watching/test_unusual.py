"""What is not covered, refused, said, off or copied; and that a run is the same in every bit."""

import copy
import unittest

import torch
from torch.nn.functional import cross_entropy

from trainmon._enums import Statistic
from trainmon._monitor import Monitor, WatchOptions
from trainmon._settings import Settings

from . import oracle
from .capture import CaptureTransport, watched


class UnusualTests(unittest.TestCase):
    def test_a_run_is_the_same_in_every_bit(self):
        def train(watch):
            torch.manual_seed(3)
            model = oracle.network("noisy")
            optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
            schedule = torch.optim.lr_scheduler.StepLR(optimizer, 10, 0.5)
            monitor = watched(model, optimizer, dataset_size=100)[0] if watch else None
            for step in range(40):
                x, y = oracle.batch(seed=step, dtype=torch.float32)
                optimizer.zero_grad()
                loss = cross_entropy(model(x), y)
                loss.backward()
                if monitor is not None:
                    monitor.log(loss=loss, indices=range(10))
                optimizer.step()
                schedule.step()
            if monitor is not None:
                self.assertTrue(monitor.is_on)
                monitor.finish()
            return [p.detach().clone() for p in model.state_dict().values()], torch.get_rng_state()

        (plain, plain_random), (seen, seen_random) = train(False), train(True)
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(plain, seen)))
        self.assertTrue(torch.equal(plain_random, seen_random))

    def test_layers_that_are_not_covered_are_named_and_absent(self):
        model = oracle.network("noisy")
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        monitor, transport, _ = watched(model, optimizer)
        x, y = oracle.batch(dtype=torch.float32)
        cross_entropy(model(x), y).backward()
        monitor.log(loss=1.0)
        optimizer.step()
        monitor.finish()
        self.assertIn("example_grad_sq/1", transport.description.unavailable)
        column = transport.reports[0].columns[Statistic.EXAMPLE_GRAD_SQ]
        self.assertEqual([c == c for c in column], [True, False, True])

    def test_what_a_layer_is_not_covered_for_is_said(self):
        for module, words in (
            (torch.nn.Conv2d(2, 2, 3, groups=2), "groups"),
            (torch.nn.Conv2d(2, 2, 3, padding="same"), "padding same"),
            (torch.nn.Embedding(5, 2, padding_idx=0), "padding row"),
            (torch.nn.BatchNorm1d(4), "BatchNorm1d"),
        ):
            monitor, transport, said = watched(module, torch.optim.SGD(module.parameters(), lr=0.01))
            monitor.finish()
            self.assertEqual(said, [])
            self.assertIn(words, next(iter(transport.description.unavailable.values())))

    def test_norms_alone(self):
        model = oracle.network("tokens")
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        monitor, transport, said = watched(model, optimizer, exact_layers="norms")
        for step in range(3):
            x, y = oracle.batch("tokens", seed=step)
            each = oracle.example_gradients(model, x, y)
            optimizer.zero_grad()
            cross_entropy(model(x), y).backward()
            held = [tensor for capture in monitor._session._units.exact._captures.values() for tensor in capture._inputs + capture._deltas]
            self.assertEqual(held, [None] * 4, "no activations are held until the step")
            monitor.log(loss=1.0)
            optimizer.step()
        monitor.finish()
        self.assertEqual(said, [])
        report, whole = transport.reports[-1], oracle.by_layer(model, [sum(e[k].square().sum() for e in each) / 10 for k in range(len(each[0]))])
        for statistic in (Statistic.EXAMPLE_GRAD_SQ, Statistic.SELF_SECOND_MOMENT, Statistic.SELF_MEAN_SQ, Statistic.GATE_OPEN, Statistic.GATE_TOTAL):
            self.assertEqual([value == value for value in report.columns[statistic]], [False, True, False, True, False], statistic)
        for index in (1, 3):
            self.assertAlmostEqual(report.columns[Statistic.EXAMPLE_GRAD_SQ][index], whole[index], 12)
        self.assertIn("norms", transport.description.unavailable["example_grad_sq/0"])
        self.assertEqual((report.exact, report.unit_count), (True, 10))

    def test_a_penalty_in_the_loss_is_noticed(self):
        model = oracle.network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        monitor, transport, _ = watched(model, optimizer)
        x, y = oracle.batch()
        (cross_entropy(model(x), y) + sum(p.square().sum() for p in model.parameters())).backward()
        monitor.log(loss=1.0)
        optimizer.step()
        monitor.finish()
        self.assertFalse(transport.reports[0].exact)
        self.assertIn("add up", transport.description.unavailable["example_grad_sq/0"])

    def test_values_may_be_logged_before_or_after_the_step(self):
        for after in (False, True):
            model = oracle.network()
            optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
            monitor, transport, _ = watched(model, optimizer)
            for step in range(3):
                x, y = oracle.batch(seed=step)
                optimizer.zero_grad()
                cross_entropy(model(x), y).backward()
                if not after:
                    monitor.log(loss=step)
                optimizer.step()
                if after:
                    monitor.log(loss=step)
            monitor.finish()
            self.assertEqual([report.values.loss for report in transport.reports], [0, 1, 2])

    def test_a_fault_turns_the_monitor_off_and_not_the_training(self):
        model = oracle.network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        monitor, transport, said = watched(model, optimizer)
        monitor.log(loss="no number")
        x, y = oracle.batch()
        for _ in range(3):
            cross_entropy(model(x), y).backward()
            optimizer.step()
        self.assertFalse(monitor.is_on)
        self.assertEqual(len(said), 1)
        self.assertIn("training goes on", said[0])
        self.assertNotIn("step", vars(optimizer))
        monitor.finish()

    def test_a_watched_model_can_be_copied_and_the_copy_is_not_watched(self):
        model = oracle.network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        monitor, transport, said = watched(model, optimizer)
        copied = copy.deepcopy(model)  # as averages of weights do, while the layers are hooked into
        x, y = oracle.batch()
        cross_entropy(copied(x), y).backward()
        cross_entropy(model(x), y).backward()
        monitor.log(loss=1.0)
        optimizer.step()
        monitor.finish()
        self.assertEqual(said, [])
        self.assertTrue(transport.reports[0].exact)

    def test_wrong_options_are_named(self):
        model = oracle.network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        for options, name in (({"dataset_size": 0}, "dataset_size"), ({"sampling": "sometimes"}, "sampling"), ({"budget": 2}, "budget"), ({"exact_layers": "some"}, "exact_layers")):
            said = []
            monitor = Monitor(model, optimizer, WatchOptions(**options), Settings(say=said.append), CaptureTransport())
            self.assertFalse(monitor.is_on)
            self.assertIn(name, said[0])


if __name__ == "__main__":
    unittest.main()
