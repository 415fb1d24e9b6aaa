"""A process that trains one network after another, as folds and searches do: a run for each, and nothing of a training that is over is kept."""

import gc
import unittest
import weakref

import torch
from torch.nn.functional import cross_entropy

from tests.watching.capture import HOOKS

from .played import PlayedTestCase, network

STEPS = 60


class FollowingTests(PlayedTestCase):
    def setUp(self):
        super().setUp()
        self.x, self.y = torch.randn(24, 6), torch.randint(3, (24,))

    def step(self, model, optimizer):
        optimizer.zero_grad()
        cross_entropy(model(self.x), self.y).backward()
        optimizer.step()

    def train(self, steps=STEPS, make=torch.optim.Adam):
        """What is left of the model and its optimizer afterwards."""
        model = network(8)
        optimizer = make(model.parameters(), lr=0.01)
        for _ in range(steps):
            self.step(model, optimizer)
        return [weakref.ref(held) for held in (model, *model.modules(), *model.parameters(), optimizer)]

    def runs(self):
        """(run id, name, steps, reasons of goodbyes) of each connection."""
        told = []
        for frames in list(self.relay.connections):
            headers = [header for header, _ in frames]
            if headers:
                hello = headers[0]["hello"]
                told.append((hello["run_id"], hello["run_name"], sum(h["type"] == "step" for h in headers), [h["goodbye"].get("reason") for h in headers if h["type"] == "goodbye"]))
        return told

    def test_each_training_is_a_run(self):
        self.attachment.begin(look=False)
        for _ in range(3):
            self.train()
            gc.collect()  # without hooks a circle
        ended = ["FINISHED"]
        self.until(lambda: len(self.runs()) == 3 and all(run[3] == ended for run in self.runs()))
        self.assertEqual(self.runs(), [("r", "digits", STEPS - 2, ended), ("r-2", "digits (2)", STEPS - 2, ended), ("r-3", "digits (3)", STEPS - 2, ended)])
        self.assertEqual([state for state, _ in self.states], ["watching"] * 3)

    def test_nothing_of_a_training_is_kept(self):
        torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)  # a process's first makes torch import, and a circle of the frames below it
        self.attachment.begin(look=False)
        gc.disable()
        self.addCleanup(gc.enable)
        left = self.train()
        self.assertEqual([state for state, _ in self.states], ["watching"])
        if not HOOKS:
            gc.collect()
        self.assertEqual({reference() for reference in left}, {None})

    def test_a_newer_optimizer_replaces_one_that_lives_and_steps_no_more(self):
        self.attachment.begin(look=False)
        model = network(8)
        first = torch.optim.SGD(model.parameters(), lr=0.01)
        for _ in range(STEPS):
            self.step(model, first)
        second = torch.optim.Adam(model.parameters())
        for _ in range(STEPS):
            self.step(model, second)
        self.until(lambda: len(self.runs()) == 2 and self.runs()[0][3] and self.runs()[1][2] == STEPS - 18)  # the newest report waits for values of its step
        self.assertEqual([run[:3] for run in self.runs()], [("r", "digits", STEPS - 2), ("r-2", "digits (2)", STEPS - 18)])
        self.assertEqual([facts["optimizer"].split()[0] for _, facts in self.states], ["SGD", "Adam"])
        self.assertNotIn("step", vars(first))

    def test_so_often_as_it_likes(self):
        self.attachment.begin(look=False)
        model = network(8)
        made = []
        for _ in range(5):
            made.append(torch.optim.SGD(model.parameters(), lr=0.01))
            for _ in range(2 * STEPS):
                self.step(model, made[-1])
        self.until(lambda: len(self.runs()) == 5 and all(run[3] for run in self.runs()[:-1]))
        self.assertEqual([run[0] for run in self.runs()], ["r", "r-2", "r-3", "r-4", "r-5"])

    def test_one_that_steps_beside_the_watched_one_replaces_nothing(self):
        self.attachment.begin(look=False)
        model, other = network(8), network(4)
        first = torch.optim.SGD(model.parameters(), lr=0.01)
        for _ in range(STEPS):
            self.step(model, first)
        second = torch.optim.SGD(other.parameters(), lr=0.01)
        for _ in range(STEPS):
            self.step(model, first)
            for _ in range(5):
                self.step(other, second)
        self.until(lambda: self.runs()[0][2] >= 2 * STEPS - 3)
        self.assertEqual(len(self.runs()), 1)

    def test_inner_loops_of_meta_learning_are_no_runs(self):
        results = []
        for watched in (False, True):
            torch.manual_seed(1)
            if watched:
                self.attachment.begin(look=False)
            self.train(STEPS)
            for _ in range(40):
                inner = self.train(5, torch.optim.SGD)
            results.append(torch.rand(1).item())
        self.assertEqual(results[0], results[1])
        gc.collect()
        self.assertIsNone(inner[0]())
        self.until(lambda: all(run[3] for run in self.runs()))
        self.assertLessEqual(len(self.runs()), 4)
        self.assertFalse(self.attachment.is_on)
        self.assertFalse(hasattr(torch.Tensor.backward, "__wrapped__"))

    def test_attached_to_one_it_ends_with_it(self):
        model = network(8)
        optimizer = torch.optim.Adam(model.parameters())
        self.attachment.begin(look=True)
        for _ in range(STEPS):
            self.step(model, optimizer)
        del model, optimizer
        gc.collect()
        self.until(lambda: self.runs()[0][3] == ["FINISHED"])
        self.train()
        self.assertEqual(len(self.runs()), 1)
        self.assertFalse(self.attachment.is_on)
        self.assertFalse(hasattr(torch.Tensor.backward, "__wrapped__"))


if __name__ == "__main__":
    unittest.main()
