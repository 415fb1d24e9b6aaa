"""Tells whoever attached how it goes: lines of JSON in a file of the relay's folder. No socket is needed for that, and it outlives the process."""

import json
import os
import threading
import time


class Status:
    """One process's lines, `status-PID.jsonl`."""

    def __init__(self, folder):
        self._path = os.path.join(folder, f"status-{os.getpid()}.jsonl")
        self._lock = threading.Lock()

    def __call__(self, state, **facts):
        """Adds a line; a folder that is gone is no trouble of the training."""
        line = json.dumps(dict(facts, state=state, time=time.time()), default=str) + "\n"
        try:
            with self._lock, open(self._path, "a", encoding="utf-8") as file:
                file.write(line)
        except OSError:
            pass
