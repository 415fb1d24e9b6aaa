"""Every statistic of a step against brute force, for each optimizer that is known."""

import unittest

import torch
from torch.nn.functional import cross_entropy

from trainmon._enums import Statistic
from trainmon._monitor import Monitor, WatchOptions
from trainmon._settings import Settings

from . import oracle
from .capture import CaptureTransport

OPTIMIZERS = {
    "sgd": lambda m: torch.optim.SGD(m.parameters(), lr=0.1),
    "sgd decay": lambda m: torch.optim.SGD(m.parameters(), lr=0.1, weight_decay=0.01),
    "momentum": lambda m: torch.optim.SGD(m.parameters(), lr=0.05, momentum=0.9),
    "dampened": lambda m: torch.optim.SGD(m.parameters(), lr=0.05, momentum=0.9, dampening=0.3, weight_decay=0.01),
    "nesterov": lambda m: torch.optim.SGD(m.parameters(), lr=0.05, momentum=0.9, nesterov=True),
    "adam": lambda m: torch.optim.Adam(m.parameters(), lr=0.01),
    "adam decay": lambda m: torch.optim.Adam(m.parameters(), lr=0.01, weight_decay=0.01),
    "amsgrad": lambda m: torch.optim.Adam(m.parameters(), lr=0.01, amsgrad=True),
    "adamw": lambda m: torch.optim.AdamW(m.parameters(), lr=0.01, weight_decay=0.1),
}


def watched(model, optimizer, **options):
    transport = CaptureTransport()
    said = []
    monitor = Monitor(model, optimizer, WatchOptions(pair_interval=1, exact_interval=1, **options), Settings(say=said.append), transport)
    return monitor, transport, said


class StatisticsTests(unittest.TestCase):
    def test_each_optimizer_against_the_weights_that_it_leaves(self):
        for kind in ("plain", "positions", "images", "series", "tokens"):
            for name, make in OPTIMIZERS.items():
                with self.subTest(network=kind, optimizer=name):
                    self.compare(kind, make)

    def compare(self, kind, make):
        model = oracle.network(kind)
        optimizer = make(model)
        monitor, transport, said = watched(model, optimizer, dataset_size=40, batch_size=10, sampling="shuffled")
        expected, previous = [], None
        for step in range(5):
            x, y = oracle.batch(kind, seed=step)
            if step == 3:  # schedulers change it under way
                optimizer.param_groups[0]["lr"] *= 0.5
            each = oracle.example_gradients(model, x, y)
            before = oracle.weights(model)
            optimizer.zero_grad()
            loss = cross_entropy(model(x), y)
            loss.backward()
            gradient = [p.grad.clone() for p in model.parameters()]
            monitor.log(loss=loss, indices=range(10 * (step % 4), 10 * (step % 4) + 10))
            optimizer.step()
            update = [b - a.detach() for b, a in zip(before, model.parameters())]
            expected.append((float(loss), before, gradient, each, update, previous))
            previous = update
        monitor.finish()
        self.assertEqual(said, [])
        self.assertEqual(len(transport.reports), 5)
        for report, (loss, before, gradient, each, update, last) in zip(transport.reports, expected):
            self.assertAlmostEqual(report.values.loss, loss, 12)
            self.near(report, Statistic.GRAD_SQ, oracle.by_layer(model, [g.square().sum() for g in gradient]))
            self.near(report, Statistic.WEIGHT_SQ, oracle.by_layer(model, [w.square().sum() for w in before]))
            self.near(report, Statistic.OWN, oracle.by_layer(model, [(g * u).sum() for g, u in zip(gradient, update)]))
            self.near(report, Statistic.UPDATE_SQ, oracle.by_layer(model, [u.square().sum() for u in update]))
            mean_sq = [sum(e[k].square().sum() for e in each) / len(each) for k in range(len(gradient))]
            self.near(report, Statistic.EXAMPLE_GRAD_SQ, oracle.by_layer(model, mean_sq))
            self.gate(model, report, gradient, each)
            self.assertEqual((report.exact, report.unit_count, report.unit_size), (True, 10, 1))
            if last is None:
                self.assertNotIn(Statistic.CROSS, report.columns)
                continue
            self.near(report, Statistic.CROSS, oracle.by_layer(model, [(g * u).sum() for g, u in zip(gradient, last)]))
            cross = [sum(float((g * u).sum()) for g, u in zip(e, last)) for e in each]
            self.assertAlmostEqual(report.lag.sum_cross, sum(cross), 10)
            self.assertAlmostEqual(report.lag.sum_cross_sq, sum(c * c for c in cross), 10)
            self.assertEqual(report.lag.count, 10)

    def gate(self, model, report, gradient, each):
        """Coordinates whose squared mean is above the variance of a mean of b - 1 examples, of those that vary."""
        variances = [sum(e[k].square() for e in each) / len(each) - g.square() for k, g in enumerate(gradient)]
        varying = [v > 1e-5 * (v + g.square()) for v, g in zip(variances, gradient)]
        opened = [((1 + 1e-9) * g.square() > (1 + 1e-6) * (v + g.square()) / len(each)) for v, g in zip(variances, gradient)]
        self.assertEqual(list(report.columns[Statistic.GATE_TOTAL]), oracle.by_layer(model, [v.sum() for v in varying]))
        self.assertEqual(list(report.columns[Statistic.GATE_OPEN]), oracle.by_layer(model, [o.sum() for o in opened]))

    def test_lags_count_the_steps_since_an_example_was_seen(self):
        model = oracle.network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.5)
        monitor, transport, _ = watched(model, optimizer)
        for step, ids in enumerate([[0, 1], [2, 3], [1, 4], [1, 0]]):
            x, y = oracle.batch(examples=2, seed=step)
            optimizer.zero_grad()
            cross_entropy(model(x), y).backward()
            monitor.log(loss=1.0, indices=ids)
            optimizer.step()
        monitor.finish()
        self.assertEqual([r.lag and r.lag.sum_z for r in transport.reports], [None, 0.0, 0.5, 1 + 0.5**2])

    def test_self_terms_are_those_of_the_derivative_of_the_update(self):
        # Plain SGD and momentum: P is the derivative exactly. Adam's holds the root, as in TorchSharp: P = (1 - beta1) lr / ((1 - beta1^t)(sqrt(v_hat) + eps)).
        for name in ("sgd", "momentum", "dampened", "nesterov"):
            with self.subTest(optimizer=name):
                make = OPTIMIZERS[name]
                model = oracle.network()
                optimizer = make(model)
                monitor, transport, said = watched(model, optimizer)
                for step in range(3):
                    x, y = oracle.batch(seed=step)
                    each = oracle.example_gradients(model, x, y)
                    gains = oracle.gain_by_difference(model, make, optimizer.state_dict(), x, y)
                    optimizer.zero_grad()
                    cross_entropy(model(x), y).backward()
                    gradient = [p.grad.clone() for p in model.parameters()]
                    monitor.log(loss=1.0)
                    optimizer.step()
                monitor.finish()
                self.assertEqual(said, [])
                q = [(p * sum(e[k].square() for e in each) / len(each)).sum() for k, p in enumerate(gains)]
                self.near(transport.reports[-1], Statistic.SELF_SECOND_MOMENT, oracle.by_layer(model, q), 1e-6)
                self.near(transport.reports[-1], Statistic.SELF_MEAN_SQ, oracle.by_layer(model, [(p * g.square()).sum() for p, g in zip(gains, gradient)]), 1e-6)

    def test_adams_self_terms_hold_the_root(self):
        model = oracle.network()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        monitor, transport, _ = watched(model, optimizer)
        for step in range(3):
            x, y = oracle.batch(seed=step)
            each = oracle.example_gradients(model, x, y)
            optimizer.zero_grad()
            cross_entropy(model(x), y).backward()
            monitor.log(loss=1.0)
            optimizer.step()
        monitor.finish()
        gains = [0.01 * 0.1 / (1 - 0.9**3) / ((optimizer.state[p]["exp_avg_sq"] / (1 - 0.999**3)).sqrt() + 1e-8) for p in model.parameters()]
        q = [(p * sum(e[k].square() for e in each) / len(each)).sum() for k, p in enumerate(gains)]
        self.near(transport.reports[-1], Statistic.SELF_SECOND_MOMENT, oracle.by_layer(model, q))

    def near(self, report, statistic, expected, relative=1e-9):
        actual = report.columns[statistic]
        self.assertEqual(len(actual), len(expected), statistic)
        for a, e in zip(actual, expected):
            self.assertLessEqual(abs(a - e), relative * max(abs(e), 1e-12) + 1e-15, f"{statistic.name}: {list(actual)} for {expected}")


if __name__ == "__main__":
    unittest.main()
