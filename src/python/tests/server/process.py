"""A real server: `trainmon serve` as a process. TRAINMON_CLI names the program (a trainmon.dll or an executable)."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

PROGRAM = os.environ.get("TRAINMON_CLI", "")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Starts, is killed, starts again on the same data and ports."""

    def __init__(self, *arguments, tls=None):
        self._arguments, self._tls = arguments, tls  # tls: an ssl.SSLContext that trusts it
        self._folder = tempfile.mkdtemp(prefix="trainmon-python-")
        self._grpc, self._http = free_port(), free_port()
        self._process = None

    @property
    def address(self):
        return f"{self._scheme}://127.0.0.1:{self._grpc}"

    @property
    def _scheme(self):
        return "http" if self._tls is None else "https"

    @property
    def data(self):
        return os.path.join(self._folder, "data")

    def start(self):
        command = ["dotnet", PROGRAM] if PROGRAM.endswith(".dll") else [PROGRAM]
        arguments = ["serve", "--data", self.data, "--grpc-port", str(self._grpc), "--http-port", str(self._http), *self._arguments]
        self._process = subprocess.Popen([*command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.until(lambda: self.get("/health/ready") is not None, "the server does not start")

    def kill(self):
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def close(self):
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def get(self, path):
        """The answer's text, or None."""
        try:
            headers = {}
            token = os.path.join(self.data, "token")
            if os.path.exists(token):
                with open(token, encoding="utf-8") as file:
                    headers["Authorization"] = f"Bearer {file.read().strip()}"
            with urllib.request.urlopen(urllib.request.Request(f"{self._scheme}://127.0.0.1:{self._http}{path}", headers=headers), timeout=10, context=self._tls) as answer:
                return answer.read().decode()
        except (OSError, urllib.error.URLError):
            return None

    def run(self, run_id):
        """The run's details, or None."""
        text = self.get(f"/api/v1/runs/{run_id}")
        return None if text is None else json.loads(text)

    def state(self, run_id):
        """running, finished, ... or None."""
        run = self.run(run_id)
        return None if run is None else run["summary"]["state"].replace("RUN_STATE_", "").lower()

    def alerts(self, run_id):
        return json.loads(self.get(f"/api/v1/runs/{run_id}/alerts") or "{}").get("alerts", [])

    def steps(self, run_id):
        """Steps the server has applied."""
        run = self.run(run_id)
        return int(run["counters"].get("steps_applied", 0)) if run else 0

    @staticmethod
    def until(condition, otherwise, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(otherwise)
            time.sleep(0.05)
