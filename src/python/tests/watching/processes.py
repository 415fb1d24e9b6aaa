"""Ranks as real processes."""

import json
import os
import subprocess
import sys
import tempfile


def run_ranks(module, ranks, *arguments):
    """What each rank wrote: `python -m module FOLDER arguments`, with RANK and WORLD_SIZE set, writes FOLDER/rank.json."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-W", "ignore", "-m", module, folder, *arguments]
        processes = [subprocess.Popen(command, env=dict(os.environ, RANK=str(rank), WORLD_SIZE=str(ranks), OMP_NUM_THREADS="1"), stderr=subprocess.PIPE, text=True) for rank in range(ranks)]
        errors = [process.communicate(timeout=120)[1] for process in processes]
        if any(process.returncode for process in processes):
            raise AssertionError("\n".join(errors))
        result = []
        for rank in range(ranks):
            with open(os.path.join(folder, f"{rank}.json"), encoding="utf-8") as file:
                result.append(json.load(file))
        return result
