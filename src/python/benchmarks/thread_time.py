"""Processor time of the training thread a step, with and without a monitor, on the small model: which other work on the machine hardly moves. What the sender's thread takes is not in it. As overhead.py,
copies in turn, a block of steps each in random order.

    OMP_NUM_THREADS=1 PYTHONPATH=. /usr/bin/python3 -m benchmarks.thread_time [rounds]"""

import random
import statistics
import sys
import time

import torch

from trainmon._monitor import WatchOptions

from .overhead import MODELS, OPTIMIZERS, Run

CASES = {
    "not watched": None,
    "not watched, again": None,
    "a step that is not looked at": WatchOptions(pair_interval=1 << 14, exact_interval=0),
    "default budget (1%), without sums over examples": WatchOptions(exact_interval=0),
    "default budget (1%)": WatchOptions(),
}
_STEPS = 200


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    widths, batch, _ = MODELS["small"]
    print(f"torch {torch.__version__}, {torch.get_num_threads()} thread, {rounds} rounds of {_STEPS} steps\n")
    print("| optimizer | watched | microseconds of the training thread a step, median | ratio of all |\n|---|---|---|---|")
    for optimizer, make in OPTIMIZERS.items():
        runs = {case: Run(widths, batch, make, options) for case, options in CASES.items()}
        for run in runs.values():
            run.block(1500)
        times = {case: [] for case in runs}
        for _ in range(rounds):
            for case in random.sample(list(runs), len(runs)):
                begin = time.thread_time()
                runs[case].block(_STEPS)
                times[case].append((time.thread_time() - begin) / _STEPS * 1e6)
        for case, values in times.items():
            print(f"| {optimizer} | {case} | {statistics.median(values):.1f} | {sum(values) / sum(times['not watched']):.3f} |", flush=True)


if __name__ == "__main__":
    main()
