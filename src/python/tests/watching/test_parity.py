"""What this client sends is what tests/parity/steps.json says; the TorchSharp client is held to the same file."""

import json
import unittest

from . import parity


class ParityTests(unittest.TestCase):
    def test_the_file_is_what_this_client_sends(self):
        known = json.loads(parity.FILE.read_text(encoding="utf-8"))
        made = parity.make()
        self.assertEqual(sorted(known), sorted(made))
        for name in ("inputs", "labels", "batches", "weights"):
            self.assertEqual(known[name], made[name])
        self.assertEqual(sorted(known["runs"]), sorted(made["runs"]))
        for optimizer, steps in known["runs"].items():
            for step, (old, new) in enumerate(zip(steps, made["runs"][optimizer])):
                with self.subTest(optimizer=optimizer, step=step):
                    self.near(old, new)

    def near(self, old, new):
        if isinstance(old, dict):
            self.assertEqual(sorted(old), sorted(new))
            for name in old:
                self.near(old[name], new[name])
        elif isinstance(old, list):
            self.assertEqual(len(old), len(new))
            for a, b in zip(old, new):
                self.near(a, b)
        elif old is None:
            self.assertIsNone(new)
        else:
            self.assertAlmostEqual(old, new, delta=1e-5 * max(abs(old), 1e-3))
