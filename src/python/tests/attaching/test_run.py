"""`trainmon run -- python train.py` with a real server: a script that knows nothing of it, its workers, its own sitecustomize, its exit code and its signals."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from tests.server.process import PROGRAM, Server, free_port

from .command import EXAMPLE, ServedTestCase, environment, outcome, trainmon


FOLDS = """
import torch
def fold(seed):
    torch.manual_seed(seed)
    x, y = torch.randn(40, 16), torch.randint(4, (40,))
    model = torch.nn.Sequential(torch.nn.Linear(16, 8), torch.nn.ReLU(), torch.nn.Linear(8, 4))
    optimizer = torch.optim.Adam(model.parameters())
    for step in range(80):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
for seed in range(3):
    fold(seed)
"""


@unittest.skipUnless(PROGRAM, "needs the command line")
class RunTests(ServedTestCase):
    def test_a_script_that_knows_nothing_raises_memorization_onset_with_the_same_weights(self):
        alone = self.train().result()[0]
        code, output, error = trainmon(self.server, "run", "--run-id", "run", "--pair-interval", "1", "--exact-interval", "1", "--", sys.executable, str(EXAMPLE))
        self.assertEqual(code, 0, error)
        self.assertEqual(outcome(output.splitlines()[-1])[0], alone)
        self.assertIn("memorization_onset", [alert["rule"] for alert in self.server.alerts("run")])
        self.assertIn("memorization_onset", error)
        self.assertEqual((self.server.state("run"), self.server.steps("run")), ("finished", 458))

    def test_clean_labels_raise_nothing(self):
        code, _, error = trainmon(self.server, "run", "--run-id", "clean", "--pair-interval", "1", "--exact-interval", "1", "--", sys.executable, str(EXAMPLE), "--noise", "0", "--steps", "200")
        self.assertEqual(code, 0, error)
        self.assertEqual([alert["rule"] for alert in self.server.alerts("clean")], [])

    def test_workers_of_a_loader_are_no_runs_and_indices_come_from_them(self):
        code, output, error = trainmon(self.server, "run", "--run-id", "workers", "--pair-interval", "1", "--exact-interval", "1", "--", sys.executable, str(EXAMPLE), "--workers", "2", "--steps", "300")
        self.assertEqual(code, 0, error)
        self.assertEqual(error.count("is watched"), 1, error)
        self.assertEqual(self.server.steps("workers"), 298)
        self.assertNotIn("cross_by_lag", self.server.run("workers")["description"]["unavailable"])

    def test_each_training_of_a_program_is_a_run_of_its_own(self):
        code, _, error = trainmon(self.server, "run", "--run-id", "folds", "--pair-interval", "1", "--exact-interval", "1", "--", sys.executable, "-c", FOLDS)
        self.assertEqual(code, 0, error)
        for run in ("folds", "folds-2", "folds-3"):
            self.assertIn(f"run {run} is watched", error)
            self.assertEqual(self.server.state(run), "finished")
            self.assertGreaterEqual(self.server.steps(run), 80 - 17)  # without torch's own hooks the optimizer before is gone only when the new one has stepped
        self.assertEqual(error.count("is watched"), 3, error)

    def test_without_a_server_the_program_runs_and_its_exit_code_is_the_command_s(self):
        self.server.kill()
        with tempfile.TemporaryDirectory() as spill:
            begin = time.monotonic()
            code, output, error = trainmon(self.server, "run", "--", sys.executable, "-c", "import sys; print('here'); sys.exit(7)", TRAINMON_SPILL=spill)
            self.assertEqual((code, output), (7, "here\n"), error)
            self.assertLess(time.monotonic() - begin, 5)
            code, output, error = trainmon(self.server, "run", "--pair-interval", "1", "--", sys.executable, str(EXAMPLE), "--steps", "40", TRAINMON_SPILL=spill)
            self.assertEqual(code, 0, error)
            self.assertIn("weights", output)

    def test_the_user_s_own_sitecustomize_runs_and_the_path_is_as_it_was(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "sitecustomize.py").write_text("import builtins; builtins.mark = 'mine'\n", encoding="utf-8")
            program = "import sys; print(mark, [p for p in sys.path if 'trainmon-' in p], sys.modules['sitecustomize'].__file__)"
            shell = f'PYTHONPATH="$PYTHONPATH:{folder}" exec {sys.executable} -c "$0"'
            code, output, error = trainmon(self.server, "run", "--", "sh", "-c", shell, program)
            self.assertEqual((code, output.split()[:2]), (0, ["mine", "[]"]), error)
            self.assertIn(folder, output)

    def test_a_signal_reaches_the_program_and_it_may_finish(self):
        program = "import signal, time\ndef end(*_):\n print('saved', flush=True); raise SystemExit(3)\nsignal.signal(signal.SIGTERM, end); print('ready', flush=True); time.sleep(60)"
        command = ["dotnet", PROGRAM] if PROGRAM.endswith(".dll") else [PROGRAM]
        process = subprocess.Popen([*command, "run", "--", sys.executable, "-c", program], env=environment(self.server), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(process.stdout.close)
        self.assertEqual(process.stdout.readline(), "ready\n")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.stdout.read(), "saved\n")
        self.assertEqual(process.wait(30), 3)

    def test_nothing_is_left_in_the_temporary_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            code, _, error = trainmon(self.server, "run", "--", sys.executable, str(EXAMPLE), "--steps", "20", TMPDIR=folder)
            self.assertEqual(code, 0, error)
            self.assertEqual([name for name in os.listdir(folder) if name.startswith("trainmon-")], [])

    def test_a_program_that_does_not_exist(self):
        code, _, error = trainmon(self.server, "run", "--", "/nowhere/python", "x.py")
        self.assertEqual(code, 1)
        self.assertIn("/nowhere/python cannot be started", error)


@unittest.skipUnless(PROGRAM, "needs the command line")
class AgentTests(unittest.TestCase):
    def test_an_agent_relays_for_the_sdk(self):
        server = Server()
        server.start()
        self.addCleanup(server.close)
        with tempfile.TemporaryDirectory() as folder:
            place = os.path.join(folder, "agent")
            command = ["dotnet", PROGRAM] if PROGRAM.endswith(".dll") else [PROGRAM]
            agent = subprocess.Popen([*command, "agent", "--folder", place], env=environment(server), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            self.addCleanup(agent.stdout.close)
            self.assertIn("Listening", agent.stdout.readline())
            self.assertEqual(os.stat(place).st_mode & 0o777, 0o700)
            digits = EXAMPLE.with_name("digits.py")
            script = subprocess.run(
                [sys.executable, str(digits), "--server", f"http://127.0.0.1:{free_port()}", "--run-id", "relayed", "--steps", "60"], cwd=digits.parents[1], capture_output=True, text=True,
                env=dict(environment(server), TRAINMON_RELAY=place, PYTHONPATH=str(digits.parents[1])), timeout=60, check=False)
            self.assertEqual(script.returncode, 0, script.stderr)
            server.until(lambda: server.state("relayed") == "finished", "the run does not arrive")
            self.assertEqual(server.steps("relayed"), 60)
            agent.send_signal(signal.SIGTERM)
            self.assertEqual(agent.wait(30), 0)
            self.assertEqual(os.listdir(place), [])
