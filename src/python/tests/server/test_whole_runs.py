"""Whole runs raise the alerts of tests/parity/runs.json; the TorchSharp client's runs are held to the same file."""

import json
import unittest

from . import whole_runs
from .process import PROGRAM, Server


@unittest.skipUnless(PROGRAM, "needs TRAINMON_CLI")
class WholeRunTests(unittest.TestCase):
    def test_alerts_come_within_an_epoch_of_the_file(self):
        known = json.loads(whole_runs.FILE.read_text(encoding="utf-8"))
        server = Server("--no-auth")
        self.addCleanup(server.close)
        server.start()
        made = whole_runs.make(server)
        self.assertEqual(sorted(known), sorted(made))
        for name, run in known.items():
            with self.subTest(run=name):
                self.assertEqual(sorted(run["alerts"]), sorted(made[name]["alerts"]))
                for rule, epoch in run["alerts"].items():
                    self.assertLessEqual(abs(made[name]["alerts"][rule] - epoch), 1, f"{rule}: {epoch} and {made[name]['alerts'][rule]}")


if __name__ == "__main__":
    unittest.main()
