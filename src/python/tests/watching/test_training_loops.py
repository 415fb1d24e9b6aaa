"""Loops that are not one backward pass and one step of one optimizer: accumulation, several optimizers, groups, frozen and tied weights, steps that fail."""

import copy
import unittest
import warnings

import torch
from torch.nn.functional import cross_entropy

from trainmon._enums import Statistic

from . import oracle
from .capture import watched


class AccumulationTests(unittest.TestCase):
    def train(self, units, clip=None, scale=1.0, watch=True):
        model = oracle.network("tokens")
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        monitor, transport, said = watched(model, optimizer, batch_size=4 * units) if watch else (None, None, [])
        expected = []
        for step in range(3):
            optimizer.zero_grad()
            parts = []
            for unit in range(units):
                x, y = oracle.batch("tokens", examples=4, seed=10 * step + unit)
                each = oracle.example_gradients(model, x, y)
                parts.append([sum(e[k] for e in each) / 4 for k in range(len(each[0]))])
                (scale * cross_entropy(model(x), y) / units).backward()
            for p in model.parameters():
                p.grad.div_(scale)
            factor = 1.0
            if clip is not None:
                factor = min(1.0, clip / (float(torch.nn.utils.clip_grad_norm_(model.parameters(), clip)) + 1e-6))
            expected.append([factor**2 * sum(part[k].square().sum() for part in parts) / units for k in range(len(parts[0]))])
            optimizer.step()
        if monitor is not None:
            monitor.finish()
        self.assertEqual(said, [])
        return model, transport and transport.reports, expected

    def test_the_mean_over_microbatches_with_both_sizes(self):
        for options in ({}, {"clip": 0.05}, {"scale": 256.0}):
            with self.subTest(options):
                model, reports, expected = self.train(3, **options)
                for report, squares in zip(reports, expected):
                    self.assertEqual((report.unit_count, report.unit_size, report.batch_size, report.exact), (3, 4, 12, False))
                    for a, e in zip(report.columns[Statistic.EXAMPLE_GRAD_SQ], oracle.by_layer(model, squares)):
                        self.assertLessEqual(abs(a - e), 1e-8 * e + 1e-15)

    def test_the_run_is_the_same_in_every_bit(self):
        plain, seen = self.train(3, watch=False)[0], self.train(3)[0]
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(plain.parameters(), seen.parameters())))

    def test_a_penalty_that_is_no_unit_is_noticed(self):
        model = oracle.network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        monitor, transport, _ = watched(model, optimizer, batch_size=20)
        for unit in range(2):
            x, y = oracle.batch(seed=unit)
            (cross_entropy(model(x), y) / 2).backward()
        with torch.no_grad():
            for p in list(model.parameters())[:1]:
                p.grad += 0.3 * p
        optimizer.step()
        monitor.finish()
        self.assertNotIn(Statistic.EXAMPLE_GRAD_SQ, transport.reports[0].columns)


class SeveralTests(unittest.TestCase):
    def own(self, model, optimizers, steps=3, forward=lambda m, x: m(x), kind="plain", watch=None):
        monitor, transport, said = watched(model, watch or optimizers)
        expected, last = [], None
        for step in range(steps):
            x, y = oracle.batch(kind, seed=step)
            before = oracle.weights(model)
            for optimizer in optimizers:
                optimizer.zero_grad()
            cross_entropy(forward(model, x), y).backward()
            gradient = [torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in model.parameters()]
            monitor.log(loss=1.0)
            for optimizer in optimizers:
                optimizer.step()
            update = [b - a.detach() for b, a in zip(before, model.parameters())]
            expected.append((gradient, update, last))
            last = update
        monitor.finish()
        self.assertEqual(said, [])
        self.assertEqual([r.step for r in transport.reports], list(range(steps)))
        return transport, expected

    def check(self, transport, expected, layers):
        for report, (g, u, last) in zip(transport.reports, expected):
            self.near(report.columns[Statistic.OWN], layers([(a * b).sum() for a, b in zip(g, u)]))
            if last is not None:
                self.near(report.columns[Statistic.CROSS], layers([(a * b).sum() for a, b in zip(g, last)]))

    def near(self, actual, expected):
        self.assertEqual(len(actual), len(expected))
        for a, e in zip(actual, expected):
            self.assertLessEqual(abs(a - e), 1e-9 * abs(e) + 1e-15)

    def test_two_optimizers_that_step_in_turn_are_one_step(self):
        for second in (lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9), lambda p: torch.optim.Adagrad(p, lr=0.05)):
            model = oracle.network()
            optimizers = [torch.optim.AdamW(model[0].parameters(), lr=0.01), second(model[2].parameters())]
            transport, expected = self.own(model, optimizers)
            self.check(transport, expected, lambda values: oracle.by_layer(model, values))

    def test_parameter_groups_have_their_own_constants(self):
        model = oracle.network()
        groups = [{"params": [model[0].weight, model[2].weight], "weight_decay": 0.1, "lr": 0.02}, {"params": [model[0].bias, model[2].bias], "betas": (0.5, 0.9)}]
        transport, expected = self.own(model, [torch.optim.AdamW(groups, lr=0.01)])
        self.check(transport, expected, lambda values: oracle.by_layer(model, values))

    def test_foreach_and_capturable(self):
        for options in ({"foreach": True}, {"foreach": False}):
            model = oracle.network()
            transport, expected = self.own(model, [torch.optim.Adam(model.parameters(), lr=0.01, **options)])
            self.check(transport, expected, lambda values: oracle.by_layer(model, values))

    def test_frozen_parameters_are_no_layers(self):
        model = oracle.network()
        for p in model[0].parameters():
            p.requires_grad_(False)
        transport, expected = self.own(model, [torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)])
        self.assertEqual([layer.name for layer in transport.table.layers], ["2"])
        self.check(transport, expected, lambda values: oracle.by_layer(model, values)[1:])

    def test_tied_weights_are_counted_once_and_have_no_sums_over_examples(self):
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Linear(6, 6, bias=False), torch.nn.Tanh(), torch.nn.Linear(6, 6, bias=False), torch.nn.Linear(6, 3)).double()
        model[2].weight = model[0].weight
        transport, expected = self.own(model, [torch.optim.Adam(model.parameters(), lr=0.01)])
        self.assertEqual([layer.name for layer in transport.table.layers], ["0", "3"])
        self.check(transport, expected, lambda values: oracle.by_layer(model, values))
        self.assertIn("shared", transport.description.unavailable["example_grad_sq/0"])
        column = transport.reports[1].columns[Statistic.EXAMPLE_GRAD_SQ]
        self.assertEqual([c == c for c in column], [False, True])

    @unittest.skipUnless(hasattr(torch, "compile"), "this torch has no compile")
    def test_a_compiled_model_is_watched(self):
        # Without a C compiler: the graph is captured and run by torch's own operations, which is what meets our hooks.
        model = oracle.network()
        compiled = torch.compile(model, backend="aot_eager")
        transport, expected = self.own(model, [torch.optim.Adam(model.parameters(), lr=0.01)], forward=lambda _, x: compiled(x))
        self.check(transport, expected, lambda values: oracle.by_layer(model, values))
        monitor, transport, said = watched(compiled, torch.optim.SGD(model.parameters(), lr=0.1), pair_interval=None, exact_interval=None)
        monitor.finish()
        self.assertEqual([layer.name for layer in transport.table.layers], ["0", "2"])
        self.assertIn("compiled", transport.description.unavailable["example_grad_sq"])
        self.assertEqual(transport.description.schedule.exact_interval, 0)

    @unittest.skipUnless(hasattr(torch.nn, "RMSNorm"), "this torch has no RMSNorm")
    def test_rms_norm(self):
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.RMSNorm(5), torch.nn.Tanh(), torch.nn.Linear(5, 3)).double()
        with torch.no_grad():
            model[1].weight.uniform_(0.5, 2)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        x, y = oracle.batch()
        each = oracle.example_gradients(model, x, y)
        monitor, transport, said = watched(model, optimizer)
        cross_entropy(model(x), y).backward()
        optimizer.step()
        monitor.finish()
        self.assertEqual(said, [])
        self.near(transport.reports[0].columns[Statistic.EXAMPLE_GRAD_SQ], oracle.by_layer(model, [sum(e[k].square().sum() for e in each) / 10 for k in range(5)]))

    def test_a_step_that_calls_its_parents_step_is_one(self):
        class Twice(torch.optim.SGD):
            def step(self, closure=None):
                return super().step(closure)

        model = oracle.network()
        transport, expected = self.own(model, [Twice(model.parameters(), lr=0.05)])
        self.check(transport, expected, lambda values: oracle.by_layer(model, values))

    def test_other_optimizers_and_copies_pass_by(self):
        model, other = oracle.network(), oracle.network(seed=1)
        optimizer, stranger = torch.optim.SGD(model.parameters(), lr=0.05), torch.optim.SGD(other.parameters(), lr=0.05)
        monitor, transport, said = watched(model, optimizer)
        copied = copy.deepcopy(optimizer)
        for step in range(2):
            x, y = oracle.batch(seed=step)
            for m, o in ((model, optimizer), (other, stranger)):
                o.zero_grad()
                cross_entropy(m(x), y).backward()
                o.step()
        self.assertEqual(len(copied.param_groups), 1)
        monitor.finish()
        self.assertEqual(said, [])
        self.assertEqual(len(transport.reports), 2)

    def test_a_fault_within_the_step_takes_the_hooks_off_and_the_step_is_made(self):
        for place in ("before_update", "after_update"):
            model, other = oracle.network(), oracle.network(seed=1)
            optimizer, stranger = torch.optim.SGD(model.parameters(), lr=0.05), torch.optim.SGD(other.parameters(), lr=0.05)
            monitor, _, said = watched(model, optimizer)
            second, transport, _ = watched(other, stranger)

            def fails():
                raise RuntimeError("a fault of ours")

            setattr(monitor._session, place, fails)
            for step in range(3):
                for m, o in ((model, optimizer), (other, stranger)):
                    x, y = oracle.batch(seed=step)
                    before = oracle.weights(m)
                    o.zero_grad()
                    cross_entropy(m(x), y).backward()
                    o.step()
                    self.assertFalse(torch.equal(before[0], next(m.parameters())))
            self.assertFalse(monitor.is_on)
            self.assertEqual(len(said), 1)
            second.finish()
            self.assertEqual(len(transport.reports), 3)

    def test_a_step_that_fails_leaves_the_monitor_in_order(self):
        class Failing(torch.optim.SGD):
            fail = False

            def step(self, closure=None):
                if self.fail:
                    raise RuntimeError("no step")
                return super().step(closure)

        model = oracle.network()
        optimizer = Failing(model.parameters(), lr=0.05)
        monitor, transport, said = watched(model, optimizer)
        for step in range(4):
            x, y = oracle.batch(seed=step)
            optimizer.zero_grad()
            cross_entropy(model(x), y).backward()
            optimizer.fail = step == 1
            try:
                optimizer.step()
            except RuntimeError:
                pass
        monitor.finish()
        self.assertEqual(said, [])
        self.assertEqual(transport.reports[-1].step, 2)
        self.assertEqual(len(transport.reports), 3)


if __name__ == "__main__":
    unittest.main()


class SchedulerTests(unittest.TestCase):
    def test_one_that_is_made_after_the_watching_began_counts_and_is_seen(self):
        for made in (
            lambda o: torch.optim.SGD(o, lr=0.1, momentum=0.9),
            lambda o: torch.optim.AdamW(o, lr=0.01),
        ):
            model = oracle.network()
            optimizer = made(model.parameters())
            monitor, transport, said = watched(model, optimizer, batch_size=10)
            scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2, 0.5)
            rate = optimizer.param_groups[0]["lr"]
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # a scheduler warns where it sees no step before its own
                for step in range(4):
                    x, y = oracle.batch(seed=step)
                    optimizer.zero_grad()
                    cross_entropy(model(x), y).backward()
                    optimizer.step()
                    scheduler.step()
            monitor.finish()
            self.assertEqual(said, [])
            self.assertEqual([report.values.learning_rate for report in transport.reports], [rate, rate, rate / 2, rate / 2])
            optimizer.step()  # what the scheduler wrapped still steps
