"""Optimizers whose formula is not known: own and cross from the weights before and after."""

import unittest
from unittest import mock

import torch
from torch.nn.functional import cross_entropy

from trainmon._enums import Statistic
from trainmon._torch import snapshot

from . import oracle
from .capture import watched


class Lion(torch.optim.Optimizer):
    """A rule of the user's own: the sign of a running mean."""

    def __init__(self, parameters, lr):
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                mean = self.state[p].setdefault("mean", torch.zeros_like(p))
                p.sub_((0.9 * mean + 0.1 * p.grad).sign(), alpha=group["lr"])
                mean.lerp_(p.grad, 0.01)


class SnapshotTests(unittest.TestCase):
    def train(self, make, check, size=None):
        model = oracle.network()
        optimizer = make(model.parameters())
        with mock.patch.object(snapshot, "SAMPLE", size or snapshot.SAMPLE):
            monitor, transport, said = watched(model, optimizer)
            last = None
            for step in range(3):
                x, y = oracle.batch(seed=step)
                before = oracle.weights(model)
                optimizer.zero_grad()
                cross_entropy(model(x), y).backward()
                gradient = [p.grad.clone() for p in model.parameters()]
                optimizer.step()
                update = [b - a.detach() for b, a in zip(before, model.parameters())]
                monitor.log(loss=1.0)
                monitor._session.flush()
                monitor._session._sender._intake.arrived.wait(0.01)
                check.append((gradient, update, last))
                last = update
            monitor.finish()
        self.assertEqual(said, [])
        return model, transport.reports

    def test_own_cross_and_norm_of_any_rule(self):
        for make in (
            lambda p: torch.optim.RMSprop(p, lr=0.01, momentum=0.5),
            lambda p: torch.optim.Adagrad(p, lr=0.01),
            lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, maximize=True),
            lambda p: Lion(p, 0.001),
        ):
            steps = []
            model, reports = self.train(make, steps)
            self.assertEqual(len(reports), 3)
            for report, (g, u, last) in zip(reports, steps):
                self.near(report, Statistic.OWN, oracle.by_layer(model, [(a * b).sum() for a, b in zip(g, u)]))
                self.near(report, Statistic.UPDATE_SQ, oracle.by_layer(model, [b.square().sum() for b in u]))
                if last is not None:
                    self.near(report, Statistic.CROSS, oracle.by_layer(model, [(a * b).sum() for a, b in zip(g, last)]))
                self.assertNotIn(Statistic.SELF_MEAN_SQ, report.columns)

    def test_of_a_large_parameter_every_kth_element_stands_for_k(self):
        steps = []
        model, reports = self.train(lambda p: Lion(p, 0.001), steps, size=10)
        for report, (g, u, _) in zip(reports, steps):
            sums = []
            for a, b in zip(g, u):
                k = -(-a.numel() // 10)
                sums.append(k * (a.reshape(-1)[::k] * b.reshape(-1)[::k]).sum())
            self.near(report, Statistic.OWN, oracle.by_layer(model, sums))

    def near(self, report, statistic, expected):
        for a, e in zip(report.columns[statistic], expected):
            self.assertLessEqual(abs(a - e), 1e-9 * abs(e) + 1e-15, statistic)


if __name__ == "__main__":
    unittest.main()
