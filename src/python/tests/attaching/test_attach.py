"""`trainmon attach` to a training that runs, with a real server: by sys.remote_exec from Python 3.14 on, else by gdb; several times in a row, with the results of a run left alone."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from tests.server.process import PROGRAM

from .command import ServedTestCase, environment, trainmon

# Attaching and detaching again in one training; the long command does it more often.
TIMES = int(os.environ.get("TRAINMON_ATTACH_TIMES", "3"))

# Where the long command wants a row of its table.
REPORT = os.environ.get("TRAINMON_ATTACH_REPORT", "")
LONGEST_STEP = 1.0 if REPORT else 10.0  # seconds; what is promised is measured by the long command, other tests share their machine

METHOD = "remote-exec" if sys.version_info >= (3, 14) else "gdb"


@unittest.skipUnless(PROGRAM and (METHOD != "gdb" or shutil.which("gdb")), "needs the command line and gdb")
class AttachTests(ServedTestCase):
    def test_halfway_it_raises_memorization_onset_and_the_weights_are_those_of_a_run_left_alone(self):
        alone = self.train("--steps", "460").result()[0]
        training = self.train("--steps", "460", "--pause", "0.05")
        training.until_step(100)
        code, output, error = trainmon(self.server, "attach", str(training.pid), "--run-id", "half", "--pair-interval", "1", "--exact-interval", "1", "--json")
        self.assertEqual(code, 0, error)
        attached = json.loads(output)
        self.assertEqual((attached["state"], attached["method"], attached["run_id"]), ("watching", METHOD, "half"))
        self.assertEqual((attached["dataset_size"], attached["sampling"], attached["model"]), (1000, "shuffled", "Sequential"))
        self.assertGreater(attached["first_step"], 100)
        again, _, error = trainmon(self.server, "attach", str(training.pid))
        self.assertEqual(again, 1)
        self.assertIn("is watched already, as run half", error)
        result, longest = training.result()
        self.assertEqual(result, alone)
        self.assertLess(longest, LONGEST_STEP)
        self.server.until(lambda: self.server.state("half") == "finished", "the run does not end")
        self.assertIn("memorization_onset", [alert["rule"] for alert in self.server.alerts("half")])
        self.assertGreater(self.server.steps("half"), 200)

    def test_again_and_again_in_one_training_and_off_again(self):
        # It trains until the last detach, however slow the machine is.
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        enough = os.path.join(folder, "enough")
        training = self.train("--steps", "1000000", "--until", enough, "--pause", "0.02")
        training.until_step(20)
        seconds = []
        for number in range(TIMES):
            begin = time.monotonic()
            code, _, error = trainmon(self.server, "attach", str(training.pid), "--run-id", f"a{number}", "--pair-interval", "1")
            seconds.append(time.monotonic() - begin)
            self.assertEqual(code, 0, f"attach {number}: {error}")
            self.server.until(lambda: self.server.steps(f"a{number}") > 5, "no steps come")
            code, output, error = trainmon(self.server, "detach", str(training.pid))
            self.assertEqual(code, 0, f"detach {number}: {error}")
            self.assertIn("is let go", output)
        open(enough, "w", encoding="utf-8").close()
        result, longest = training.result()
        steps = result.split()[1]
        self.assertEqual(result, self.train("--steps", steps).result()[0])
        self.assertLess(longest, LONGEST_STEP)
        for number in range(TIMES):
            self.assertEqual(self.server.state(f"a{number}"), "finished")
        if REPORT:
            with open(REPORT, "w", encoding="utf-8") as file:
                way = "gdb (Python 3.11, torch 1.13)" if METHOD == "gdb" else "sys.remote_exec (Python 3.14, torch 2.14)"
                median = sorted(seconds)[len(seconds) // 2]
                file.write(f"| {way} | {TIMES} | 0 | the same bits after {steps} steps | {longest:.2f} s | {median:.2f} s, {max(seconds):.2f} s |\n")

    def test_a_process_that_sleeps_is_let_go_and_lives(self):
        if METHOD != "gdb":
            return  # sys.remote_exec stops nothing
        sleeper = subprocess.Popen([sys.executable, "-c", "import torch, time; print('ready', flush=True); time.sleep(40); print('woke')"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(sleeper.kill)
        self.addCleanup(sleeper.stdout.close)
        self.assertEqual(sleeper.stdout.readline(), "ready\n")
        code, _, error = trainmon(self.server, "attach", str(sleeper.pid))
        self.assertEqual(code, 1)
        self.assertIn("did not run Python for 20 s", error)
        with open(f"/proc/{sleeper.pid}/status", encoding="utf-8") as status:
            text = status.read()
        self.assertIn("TracerPid:\t0", text)
        self.assertIn("State:\tS", text)
        self.assertEqual(sleeper.stdout.readline(), "woke\n")
        self.assertEqual(sleeper.wait(), 0)

    def test_what_is_not_safe_is_refused_with_the_reason(self):
        other = subprocess.Popen([sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(60)"], stdout=subprocess.PIPE, env=environment(self.server, WORLD_SIZE="4"), text=True)
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        self.addCleanup(other.stdout.close)
        other.stdout.readline()
        code, _, error = trainmon(self.server, "attach", str(other.pid))
        self.assertEqual(code, 1)
        self.assertIn("torch: is not loaded in this process", error)
        self.assertIn("one of 4 ranks", error)
        other.send_signal(signal.SIGSTOP)
        time.sleep(0.1)
        code, output, _ = trainmon(self.server, "doctor", str(other.pid), "--json")
        self.assertEqual(code, 1)
        found = {check["name"]: check["verdict"] for check in json.loads(output)["checks"]}
        self.assertEqual((found["state"], found["torch"], found["owner"]), ("failure", "failure", "ok"))
        self.assertEqual(trainmon(self.server, "attach", "4194304")[0], 3)
