"""The command line under test, and training processes for it."""

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

from tests.server.process import PROGRAM, Server

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "plain_digits.py"

# Where a newer Debian with its own Python and torch lies, made by .ci/testing-root.
TESTING_ROOT = os.environ.get("TRAINMON_TESTING_ROOT", "")


def environment(server, **more):
    """Of a shell of the user who runs that server."""
    return dict(os.environ, TRAINMON_DATA=server.data, TRAINMON_SERVER=server.address, OMP_NUM_THREADS="1", PYTHONPATH="", **more)


def trainmon(server, *arguments, seconds=120, **more):
    """Runs the command; (exit code, standard output, standard error)."""
    program = ["dotnet", PROGRAM] if PROGRAM.endswith(".dll") else [PROGRAM]
    done = subprocess.run([*program, *arguments], env=environment(server, **more), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False)
    return done.returncode, done.stdout, done.stderr


class Training:
    """The example as a process that knows nothing of the monitor."""

    def __init__(self, server, *arguments, root=""):
        script = str(EXAMPLE)
        command = [sys.executable, script]
        if root:
            with open(os.path.join(root, "tmp", "plain_digits.py"), "w", encoding="utf-8") as copy:
                copy.write(EXAMPLE.read_text(encoding="utf-8"))
            command = ["chroot", root, "python3", "/tmp/plain_digits.py"]
        self.process = subprocess.Popen([*command, *arguments], env=environment(server), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.lines = []

    @property
    def pid(self):
        return self.process.pid

    def until_step(self, step):
        """Reads on until that step was made."""
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith("step ") and int(line.split()[1]) >= step:
                return
        raise AssertionError(f"it ended before step {step}: {self.lines[-3:]}")

    def result(self):
        """(loss and digest of the weights, longest step in seconds), after its end."""
        self.lines += self.process.stdout.readlines()
        self.process.stdout.close()
        code = self.process.wait()
        if code != 0:
            raise AssertionError(f"exit code {code}: {self.lines[-3:]}")
        return outcome(self.lines[-1])

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if not self.process.stdout.closed:
            self.process.stdout.close()


def outcome(line):
    """From the last line of the example."""
    match = re.match(r"(steps \d+ loss \S+ weights \w+) longest step (\S+) s", line)
    if match is None:
        raise AssertionError(f"no result in {line!r}")
    return match.group(1), float(match.group(2))


class ServedTestCase(unittest.TestCase):
    """A test with a server of its own, and trainings that end with it."""

    def setUp(self):
        self.server = Server()
        self.server.start()
        self.addCleanup(self.server.close)

    def train(self, *arguments, root=""):
        training = Training(self.server, *arguments, root=root)
        self.addCleanup(training.kill)
        return training
