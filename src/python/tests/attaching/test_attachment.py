"""The whole payload in this process, with a relay that the test plays: what is chosen, what is left alone, and how it lets go."""

import copy
import io
import os
import pickle
import tempfile
import threading
import time
import unittest

import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

from trainmon._attach.status import Status

from .played import PlayedTestCase, network


class AttachmentTests(PlayedTestCase):
    def setUp(self):
        super().setUp()
        self.data = TensorDataset(torch.randn(24, 6), torch.randint(3, (24,)))

    def train(self, model, optimizer, epochs=3, after=lambda: None):
        for _ in range(epochs):
            for x, y in DataLoader(self.data, batch_size=8, shuffle=True):
                optimizer.zero_grad()
                cross_entropy(model(x), y).backward()
                optimizer.step()
                after()

    def kinds(self):
        return [header["type"] for header, _ in self.relay.frames]

    def test_a_training_that_begins_later_is_watched_with_what_its_loader_says(self):
        self.attachment.begin(look=False)
        model = network(8)
        optimizer = torch.optim.Adam(model.parameters())
        self.train(model, optimizer)
        self.assertEqual([state for state, _ in self.states], ["watching"])
        facts = self.states[0][1]
        self.assertEqual((facts["dataset_size"], facts["batch_size"], facts["sampling"], facts["first_step"]), (24, 8, "shuffled", 2))
        self.until(lambda: self.kinds().count("step") >= 6)
        steps = [header["report"] for header, _ in self.relay.frames if header["type"] == "step"]
        self.assertEqual([report.get("step", 0) for report in steps][:3], [2, 3, 4])
        self.assertTrue(all("loss" in report["values"] for report in steps))
        self.assertTrue(any("lag" in report for report in steps))

    def test_one_that_lives_already_is_found_and_its_step_count_goes_on(self):
        model = network(8)
        optimizer = torch.optim.Adam(model.parameters())
        self.train(model, optimizer, epochs=2)
        self.attachment.begin(look=True)
        self.train(model, optimizer, epochs=2)
        self.assertEqual(dict(self.states)["watching"]["first_step"], 8)

    def test_of_two_that_step_the_larger_is_taken(self):
        self.attachment.begin(look=False)
        small, large = network(4), network(32)
        first, second = torch.optim.SGD(small.parameters(), lr=0.1), torch.optim.SGD(large.parameters(), lr=0.1)
        for _ in range(4):
            for model, optimizer in ((small, first), (large, second)):
                cross_entropy(model(self.data.tensors[0]), self.data.tensors[1]).backward()
                optimizer.step()
        self.assertIn(f"{sum(p.numel() for p in large.parameters())} parameters", dict(self.states)["watching"]["optimizer"])

    def test_optimizers_that_step_in_turn_on_the_same_gradients_are_watched_together(self):
        self.watch_in_turn(attached_between=False)

    def test_they_are_so_where_it_is_attached_between_their_steps(self):
        self.watch_in_turn(attached_between=True)

    def watch_in_turn(self, attached_between):
        model = network(8)
        weights = torch.optim.SGD([p for p in model.parameters() if p.ndim > 1], lr=0.1, momentum=0.9)
        others = torch.optim.Adam([p for p in model.parameters() if p.ndim == 1])
        if attached_between:
            weights.step()
        self.attachment.begin(look=True)
        if attached_between:
            others.step()
        for _ in range(8):
            cross_entropy(model(self.data.tensors[0]), self.data.tensors[1]).backward()
            weights.step()
            others.step()
            model.zero_grad()
        told = dict(self.states)["watching"]["optimizer"]
        self.assertEqual(told, "SGD with 72 parameters in 1 groups and Adam with 11 parameters in 1 groups")
        self.until(lambda: self.kinds().count("step") >= 3)
        layers = next(header for header, _ in self.relay.frames if header["type"] == "layer_table")["layer_table"]["layers"]
        self.assertEqual([(layer["name"], int(layer["parameters"])) for layer in layers], [("0", 56), ("2", 27)])

    def test_detached_it_lets_go_at_a_step_and_the_training_goes_on(self):
        self.attachment.begin(look=False)
        model = network(8)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        self.train(model, optimizer)
        self.until(lambda: "step" in self.kinds())
        self.answer.append({"type": "detach"})
        self.train(model, optimizer, epochs=4, after=lambda: time.sleep(0.02))
        self.until(lambda: "goodbye" in self.kinds())
        self.assertEqual([state for state, _ in self.states], ["watching", "detached"])
        self.assertFalse(self.attachment.is_on)
        self.assertFalse(hasattr(torch.Tensor.backward, "__wrapped__"))
        self.assertNotIn("step", vars(optimizer))
        count = self.kinds().count("step")
        self.train(model, optimizer)
        self.assertEqual(self.kinds().count("step"), count)

    def test_models_and_optimizers_can_be_copied_and_saved_while_it_waits_and_while_it_watches(self):
        self.attachment.begin(look=False)
        model = network(8)
        optimizer = torch.optim.Adam(model.parameters())
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)

        def save():
            pickle.dumps(optimizer)
            copy.deepcopy(model)
            copy.deepcopy(optimizer)
            torch.save(model, io.BytesIO())
            torch.save(optimizer.state_dict(), io.BytesIO())
            scheduler.step()

        self.train(model, optimizer, after=save)
        self.assertEqual([state for state, _ in self.states], ["watching"])

    def test_the_weights_are_the_same_to_the_last_bit(self):
        results = []
        for watched in (False, True):
            torch.manual_seed(1)
            if watched:
                self.attachment.begin(look=False)
            model = network(8)
            optimizer = torch.optim.Adam(model.parameters())
            self.train(model, optimizer)
            results.append([p.detach().clone() for p in model.parameters()])
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(*results)))

    def test_a_fault_of_ours_takes_everything_off_and_is_no_error_of_the_training(self):
        self.attachment._configuration = {}
        self.attachment.begin(look=False)
        model = network(8)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        self.train(model, optimizer)
        self.assertEqual([state for state, _ in self.states], ["fault"])
        self.assertNotIn("step", vars(optimizer))
        self.assertFalse(hasattr(torch.Tensor.backward, "__wrapped__"))


class StatusTests(unittest.TestCase):
    def test_lines_of_several_threads_are_whole_and_a_folder_that_is_gone_is_no_trouble(self):
        with tempfile.TemporaryDirectory() as folder:
            status = Status(folder)
            threads = [threading.Thread(target=lambda: [status("said", sentence="x" * 500) for _ in range(20)]) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            with open(os.path.join(folder, f"status-{os.getpid()}.jsonl"), encoding="utf-8") as file:
                lines = file.read().splitlines()
            self.assertEqual(len(lines), 80)
            self.assertEqual(len(set(map(len, lines))) <= 12, True)
        status("said", sentence="nobody reads it")
