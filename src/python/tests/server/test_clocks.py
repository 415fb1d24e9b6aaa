"""A real training with canaries and sentinels, and a real server that judges them."""

import os
import subprocess
import sys
import unittest
from pathlib import Path

from .process import PROGRAM, Server

ROOT = Path(__file__).resolve().parents[2]


@unittest.skipUnless(PROGRAM, "needs TRAINMON_CLI")
class ClockAlertTests(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.server.start()

    def alerts(self, run_id, *arguments):
        script = [sys.executable, str(ROOT / "examples" / "clocks.py"), "--server", self.server.address, "--run-id", run_id, *arguments]
        environment = dict(os.environ, PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1", TRAINMON_DATA=self.server.data)
        told = subprocess.run(script, env=environment, check=True, capture_output=True, text=True, timeout=300)
        self.assertEqual(self.server.state(run_id), "finished", told.stderr)
        return {alert["rule"]: alert for alert in self.server.alerts(run_id) if alert["state"] == "ALERT_STATE_FIRING"}

    def test_wrong_labels_raise_both_clocks_and_a_sound_training_neither(self):
        fired = self.alerts("noise")
        self.assertIn("canaries_memorized", fired)
        self.assertIn("sentinel_loss_rising", fired)
        for rule in ("canaries_memorized", "sentinel_loss_rising"):  # held-out loss is lowest in the first 10 of 60 epochs
            self.assertLess(fired[rule]["evidence"]["values"]["onset_step"], 200)
        self.assertEqual(set(self.alerts("clean", "--noise", "0", "--epochs", "12")) & {"canaries_memorized", "sentinel_loss_rising"}, set())


if __name__ == "__main__":
    unittest.main()
