"""A monitor that the user lets go of together with the training: nothing of either is kept, and the run is not left open."""

import gc
import time
import unittest
import weakref

import torch
from torch.nn.functional import cross_entropy

from trainmon._report import Goodbye, LogScalars, StepReport

from . import oracle
from .capture import HOOKS, watched

def alive(references):
    return [type(reference()).__name__ for reference in references if reference() is not None]


class LeftAloneTests(unittest.TestCase):
    def setUp(self):
        torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)  # a process's first makes torch import, and a circle of the frames below it
        gc.collect()
        gc.disable()
        self.addCleanup(gc.enable)

    def train(self, optimizers=1):
        """(monitor, transport, weak references to the model, its parts and the optimizers)."""
        model = oracle.network()
        parts = [list(model.parameters())[k::optimizers] for k in range(optimizers)]
        made = [torch.optim.SGD(part, lr=0.1, momentum=0.9) for part in parts]
        monitor, transport, said = watched(model, made)
        for step in range(4):
            x, y = oracle.batch(seed=step)
            for optimizer in made:
                optimizer.zero_grad()
            cross_entropy(model(x), y).backward()
            for optimizer in made:
                optimizer.step()
        self.assertEqual(said, [])
        return monitor, transport, [weakref.ref(held) for held in (model, *model.modules(), *model.parameters(), *made)]

    def collect(self):
        if not HOOKS:
            gc.collect()

    def goodbyes(self, transport):
        return [item.reason.name for item in transport.items if isinstance(item, Goodbye)]

    def until_goodbye(self, transport):
        end = time.monotonic() + 10
        while not self.goodbyes(transport):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def test_a_monitor_that_nobody_holds_says_goodbye_and_all_its_steps_arrive(self):
        for optimizers in (1, 2):
            monitor, transport, left = self.train(optimizers)
            held = weakref.ref(monitor)
            del monitor
            self.collect()
            self.assertEqual((alive(left), held()), ([], None))
            self.until_goodbye(transport)
            self.assertEqual((self.goodbyes(transport), sum(isinstance(item, StepReport) for item in transport.items)), (["FINISHED"], 4))

    def test_one_that_is_held_goes_on_taking_values_without_the_model(self):
        monitor, transport, left = self.train()
        self.collect()
        self.assertEqual(alive(left), [])
        monitor.log(test_score=0.5)
        self.assertTrue(monitor.is_on)
        monitor.finish()
        self.assertEqual([item.scalars for item in transport.items if isinstance(item, LogScalars)], [{"test_score": 0.5}])
        self.assertEqual((self.goodbyes(transport), sum(isinstance(item, StepReport) for item in transport.items)), (["FINISHED"], 4))

    def test_one_whose_training_lives_on_is_kept_by_it(self):
        model = oracle.network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        monitor, transport, _ = watched(model, optimizer)
        held = weakref.ref(monitor)
        del monitor
        gc.collect()
        for step in range(3):
            x, y = oracle.batch(seed=step)
            optimizer.zero_grad()
            cross_entropy(model(x), y).backward()
            optimizer.step()
        self.assertTrue(held().is_on)
        held().finish()
        self.assertEqual(sum(isinstance(item, StepReport) for item in transport.items), 3)


if __name__ == "__main__":
    unittest.main()
