"""What a process could not deliver outlives it: the next process of its run, `python -m trainmon flush`, or a relay brings it to a real server, as the attempt that it was."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from ..server.process import PROGRAM, Server, free_port

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
import sys, time, torch, trainmon
from torch.nn.functional import cross_entropy
run, server, steps, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
model = torch.nn.Linear(6, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
monitor = trainmon.watch(model, optimizer, dataset_size=100, batch_size=10, pair_interval=1, exact_interval=0, run_id=run, server=server, exit_timeout=seconds, memory_bytes=(64 << 10) if seconds else (4 << 20))
intake = monitor._sender._intake
for step in range(steps):
    while intake.bytes > 8 << 10:  # faster than any training: a sender that gets no turn would have steps left out
        time.sleep(0.01)
    optimizer.zero_grad()
    cross_entropy(model(torch.randn(10, 6)), torch.randint(3, (10,))).backward()
    monitor.log(loss=1.0)
    optimizer.step()
if seconds == 0:
    # Once a second memory goes to disk. Twice in a row, since what the sender has just taken is in neither place.
    backlog, end, seen = monitor._sender._transport._backlog, time.monotonic() + 60, 0
    while seen < 2 and time.monotonic() < end:
        seen = 0 if intake.bytes or backlog._memory or not backlog.newest else seen + 1
        time.sleep(0.5)
    print("done", flush=True)
    input()
"""


@unittest.skipUnless(PROGRAM, "needs TRAINMON_CLI")
class LeftTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.spill = folder.name
        self.server = Server()
        self.addCleanup(self.server.close)
        self.away = f"http://127.0.0.1:{free_port()}"

    @property
    def environment(self):
        return dict(os.environ, PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1", TRAINMON_SPILL=self.spill, TRAINMON_DATA=self.server.data, **self.more)

    more = {}

    def train(self, run, server, steps, seconds):
        return subprocess.run([sys.executable, "-W", "ignore", "-c", SCRIPT, run, server, str(steps), str(seconds)], env=self.environment, check=True, capture_output=True, text=True, timeout=120).stderr

    def left(self):
        return [path for path in Path(self.spill).rglob("*") if path.is_file()]

    def attempts(self, run):
        """(newest attempt, steps applied, frames lost)."""
        told = []
        Server.until(lambda: told.append(self.server.run(run)) or told[-1] is not None, "the server does not answer")
        counters = told[-1]["counters"]
        return int(told[-1]["summary"]["attempt"]), int(counters.get("steps_applied", 0)), int(counters.get("frames_lost", 0))

    def test_the_next_process_of_the_run_delivers_it_first(self):
        said = self.train("again", self.away, 700, 3)
        self.assertIn("the next process of this run", said)
        self.assertNotIn("the buffers are full", said)
        self.assertGreater(sum(path.stat().st_size for path in self.left()), 64 << 10)
        self.server.start()
        other = self.train("other", self.server.address, 5, 30)
        self.assertEqual((other, self.server.run("again")), ("", None))  # not that one's
        self.assertEqual(self.train("again", self.server.address, 50, 30), "")
        self.assertEqual(self.server.state("again"), "finished")
        self.assertEqual(self.attempts("again"), (1, 750, 0))
        self.assertEqual(os.listdir(self.spill), [])

    def test_of_a_killed_process_at_most_a_second_is_lost(self):
        process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", SCRIPT, "killed", self.away, "200", "0"], env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.assertEqual(process.stdout.readline(), "done\n")
        process.kill()
        process.communicate()
        self.server.start()
        self.train("killed", self.server.address, 10, 30)
        self.assertEqual(self.attempts("killed"), (1, 209, 0))  # the newest report waits for values of its step
        self.assertEqual(os.listdir(self.spill), [])

    def test_flush_delivers_what_any_run_left(self):
        for run in ("one", "two"):
            self.train(run, self.away, 40, 3)
        flush = [sys.executable, "-m", "trainmon", "flush", self.spill, "--seconds", "1"]
        absent = subprocess.run([*flush, "--server", self.away], env=self.environment, capture_output=True, text=True, timeout=60)
        self.assertEqual((absent.returncode, absent.stdout.count("not delivered to")), (1, 2), absent.stdout)
        self.server.start()
        flush[-1] = "30"
        told = subprocess.run([*flush, "--server", self.server.address], env=self.environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(told.returncode, 0, told.stdout + told.stderr)
        self.assertRegex(told.stdout, "run one, rank 0: [0-9]+ frames delivered")
        for run in ("one", "two"):
            self.assertEqual((self.server.state(run), self.attempts(run)), ("finished", (0, 40, 0)))
        self.assertEqual(os.listdir(self.spill), [])
        again = subprocess.run(flush, env=self.environment, capture_output=True, text=True, timeout=60)
        self.assertEqual((again.returncode, again.stdout), (0, f"nothing waits in {self.spill}\n"))

    def test_a_relay_delivers_it_too(self):
        self.train("relayed", self.away, 60, 3)
        self.server.start()
        command = ["dotnet", PROGRAM] if PROGRAM.endswith(".dll") else [PROGRAM]
        with tempfile.TemporaryDirectory() as folder:
            agent = subprocess.Popen([*command, "agent", "--folder", folder, "--server", self.server.address], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                Server.until(lambda: os.path.exists(os.path.join(folder, "relay.sock")), "the relay does not listen")
                self.more = {"TRAINMON_RELAY": folder}
                self.train("relayed", self.server.address, 20, 30)
                Server.until(lambda: self.server.run("relayed") and self.attempts("relayed") == (1, 80, 0), "it does not arrive")
            finally:
                agent.terminate()
                agent.wait(30)


if __name__ == "__main__":
    unittest.main()
