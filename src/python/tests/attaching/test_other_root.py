"""`trainmon attach` from here to a training that has files and an interpreter of its own, as in a container: Debian testing's, in a folder made by .ci/testing-root."""

import json
import unittest

from tests.server.process import PROGRAM

from .command import TESTING_ROOT, ServedTestCase, trainmon


@unittest.skipUnless(PROGRAM and TESTING_ROOT, "needs the command line and a root with a newer Python")
class OtherRootTests(ServedTestCase):
    def test_a_training_with_files_and_an_interpreter_of_its_own(self):
        alone = self.train("--steps", "460", root=TESTING_ROOT).result()[0]
        for method in ("remote-exec", "gdb"):
            with self.subTest(method):
                training = self.train("--steps", "460", "--pause", "0.05", root=TESTING_ROOT)
                training.until_step(100)
                code, output, error = trainmon(self.server, "attach", str(training.pid), "--run-id", f"root-{method}", "--method", method, "--pair-interval", "1", "--exact-interval", "1", "--json")
                self.assertEqual(code, 0, error)
                self.assertEqual(json.loads(output)["state"], "watching")
                self.assertEqual(training.result()[0], alone)
                self.server.until(lambda: self.server.state(f"root-{method}") == "finished", "the run does not end")
                self.assertIn("memorization_onset", [alert["rule"] for alert in self.server.alerts(f"root-{method}")])
