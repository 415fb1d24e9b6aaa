"""Optimizers that change while they are watched: layers are unfrozen, groups added, a state is loaded."""

import copy
import unittest

import torch
from torch.nn.functional import cross_entropy

from trainmon._enums import Statistic
from trainmon._report import LayerTable

from . import oracle
from .capture import watched


class UnfrozenTests(unittest.TestCase):
    def watch(self, begin, later, steps=7, at=3, **options):
        """What was sent, with what was made of the weights at each step, a value a layer."""
        model = oracle.network()
        optimizer = begin(model)
        monitor, transport, said = watched(model, optimizer, **options)
        made = []
        for step in range(steps):
            if step == at:
                later(model, optimizer)
            x, y = oracle.batch(seed=step)
            model.zero_grad()
            cross_entropy(model(x), y).backward()
            monitor.log(loss=1.0 + step)
            squares = [torch.zeros(()) if p.grad is None else p.grad.square().sum() for p in model.parameters()]
            before = oracle.weights(model)
            optimizer.step()
            updates = [(b - p.detach()).square().sum() for b, p in zip(before, model.parameters())]
            made.append([oracle.by_layer(model, values) for values in (squares, updates)])
        monitor.finish()
        self.assertEqual(said, [])
        return transport, made

    def check(self, transport, made, at=3):
        tables = [item for item in transport.items if isinstance(item, LayerTable)]
        self.assertEqual([[layer.name for layer in table.layers] for table in tables], [["2"], ["0", "2"]])
        self.assertEqual([report.step for report in transport.reports], list(range(len(made))))
        self.assertEqual([report.values.loss for report in transport.reports], [1.0 + step for step in range(len(made))])
        for report, sums in zip(transport.reports, made):
            self.assertEqual(report.layer_table_version, 1 if report.step < at else 2)
            for statistic, values in zip((Statistic.GRAD_SQ, Statistic.UPDATE_SQ), sums):
                values = values[1:] if report.step < at else values
                for told, value in zip(report.columns[statistic], values):
                    self.assertAlmostEqual(told, value, delta=1e-9 * abs(value))
            self.assertEqual(Statistic.CROSS in report.columns, report.step not in (0, at))
            self.assertEqual(report.values.samples, (report.step + 1) * 20)

    def test_layers_that_are_unfrozen_while_it_is_watched_are_layers_from_then_on(self):
        def begin(model):
            for p in model[0].parameters():
                p.requires_grad_(False)
            return torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)

        self.check(*self.watch(begin, lambda model, _: [p.requires_grad_(True) for p in model[0].parameters()], batch_size=20, exact_interval=0))

    def test_so_are_those_of_a_group_that_is_added(self):
        def begin(model):
            return torch.optim.AdamW(model[2].parameters(), lr=0.01)

        self.check(*self.watch(begin, lambda model, optimizer: optimizer.add_param_group({"params": list(model[0].parameters()), "lr": 0.002}), batch_size=20, exact_interval=0))

    def test_sums_over_their_examples_follow(self):
        transport, _ = self.watch(lambda model: torch.optim.Adam(model[2].parameters()), lambda model, optimizer: optimizer.add_param_group({"params": list(model[0].parameters())}))
        exact = {report.step: len(report.columns[Statistic.EXAMPLE_GRAD_SQ]) for report in transport.reports if Statistic.EXAMPLE_GRAD_SQ in report.columns}
        self.assertEqual(exact, {0: 1, 1: 1, 2: 1, 4: 2, 5: 2, 6: 2})  # hooks go on after the step that notices it


class RestoredTests(unittest.TestCase):
    def test_a_state_that_is_loaded_while_it_is_watched_brings_groups_of_its_own(self):
        for make in (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9), lambda p: torch.optim.AdamW(p, lr=0.01)):
            model = oracle.network()
            optimizer = make(model.parameters())
            monitor, transport, said = watched(model, optimizer)
            made = []
            for step in range(6):
                x, y = oracle.batch(seed=step)
                optimizer.zero_grad()
                cross_entropy(model(x), y).backward()
                before = oracle.weights(model)
                optimizer.step()
                made.append(sum(float((b - p.detach()).square().sum()) for b, p in zip(before, model.parameters())))
                if step == 1:
                    optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))
                if step == 3:
                    optimizer.param_groups[0]["lr"] *= 0.25
            monitor.finish()
            self.assertEqual(said, [])
            for report, square in zip(transport.reports, made):
                self.assertAlmostEqual(sum(report.columns[Statistic.UPDATE_SQ]) / square, 1, places=6)


if __name__ == "__main__":
    unittest.main()
