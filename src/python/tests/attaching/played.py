"""The payload in this process, with a relay that the test plays."""

import tempfile
import time
import unittest

import torch

from tests.relay.test_transport import Relay
from trainmon._attach.attachment import Attachment


def network(width):
    return torch.nn.Sequential(torch.nn.Linear(6, width), torch.nn.ReLU(), torch.nn.Linear(width, 3))


class PlayedTestCase(unittest.TestCase):
    """`attachment` has not begun; `states` are those that it told, `answer` what the relay is to say next."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.answer, self.states = [], []
        self.relay = Relay(folder.name, self.answers, connections=8)
        configuration = {"socket": self.relay.path, "secret": "word", "run_id": "r", "run_name": "digits", "pair_interval": 1, "exact_interval": 1}
        self.attachment = Attachment(configuration, lambda state, **facts: self.states.append((state, facts)))
        self.addCleanup(self.attachment._clear)
        torch.manual_seed(0)

    def answers(self, header):
        if header["type"] == "hello":
            return [{"type": "welcome", "relay_version": 1, "page": ""}]
        return [{"type": "delivered"}] if header["type"] == "goodbye" else [self.answer.pop()] if self.answer else []

    def until(self, condition):
        end = time.monotonic() + 10
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
