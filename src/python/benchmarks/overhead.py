"""Step time with the monitor over step time without: copies of the same network train on the same batches in turn, a block of steps each in random order, in one process, so that the
machine's moods fall on all alike. Ratio of all time with its standard error over the rounds, and the median of the rounds' ratios, which a burst of other work does not move. Reports go nowhere: what is measured is the training thread and the sender's. OpenBLAS must be
installed: with Debian's reference BLAS a step takes so long that any monitor looks cheap.

    OMP_NUM_THREADS=2 PYTHONPATH=. /usr/bin/python3 benchmarks/overhead.py [large|small] [rounds] [only cases with these words]"""

import math
import random
import statistics
import sys
import time

import torch

from trainmon._monitor import Monitor, WatchOptions
from trainmon._settings import Settings
from trainmon._transport import Transport

MODELS = {"large": ([784, 2048, 1664, 10], 256, 8), "small": ([64, 128, 10], 32, 256)}
OPTIMIZERS = {
    "adam": lambda p: torch.optim.Adam(p, lr=1e-4),
    "momentum": lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9),
    "sgd": lambda p: torch.optim.SGD(p, lr=1e-3),
}
CASES = {
    "not watched": None,
    "not watched, again": None,
    "cheap set every step": WatchOptions(pair_interval=1, exact_interval=0),
    "cheap set every step, exact and lag every 16": WatchOptions(pair_interval=1, exact_interval=16),
    "default budget (1%)": WatchOptions(),
}


class Nowhere(Transport):
    """Takes everything."""

    def open(self, identity, observer):
        pass

    def write(self, items):
        pass

    def tick(self):
        pass

    def close(self, deadline):
        pass

    def abort(self):
        pass

    def room(self):
        return 1 << 30

    def capacity(self):
        return 1 << 30


class Run:
    """One copy in training."""

    def __init__(self, widths, batch, make, options):
        torch.manual_seed(1)
        layers = []
        for i in range(len(widths) - 1):
            layers += [torch.nn.Linear(widths[i], widths[i + 1]), torch.nn.ReLU()]
        self.model = torch.nn.Sequential(*layers[:-1])
        self.optimizer = make(self.model.parameters())
        self.inputs = [torch.randn(batch, widths[0]) for _ in range(4)]
        self.targets = [torch.randint(widths[-1], (batch,)) for _ in range(4)]
        self.indices = range(batch)
        self.monitor = Monitor(self.model, self.optimizer, options, Settings(), Nowhere()) if options else None
        self.step = 0

    def block(self, steps):
        begin = time.perf_counter()
        for _ in range(steps):
            k = self.step % 4
            self.optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(self.model(self.inputs[k]), self.targets[k])
            loss.backward()
            if self.monitor:
                self.monitor.log(loss=loss, indices=self.indices)
            self.optimizer.step()
            self.step += 1
        return time.perf_counter() - begin


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else "large"
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 12
    widths, batch, steps = MODELS[name]
    print(f"{name}, torch {torch.__version__}, {torch.get_num_threads()} threads, {rounds} rounds of {steps} steps\n")
    print("| optimizer | watched | ms a step alone | ratio ± standard error | median | pairs every, exact every |\n|---|---|---|---|---|---|")
    wanted = sys.argv[3] if len(sys.argv) > 3 else ""
    for optimizer, make in OPTIMIZERS.items():
        runs = {case: Run(widths, batch, make, options) for case, options in CASES.items() if case == "not watched" or wanted in case}
        for run in runs.values():
            run.block(4 * steps)  # the schedule settles
        times = {case: [] for case in runs}
        for _ in range(rounds):
            for case in random.sample(list(runs), len(runs)):
                times[case].append(runs[case].block(steps))
        alone = times["not watched"]
        for case, run in runs.items():
            if case == "not watched":
                continue
            ratio = sum(times[case]) / sum(alone)
            middle = statistics.median(a / b for a, b in zip(times[case], alone))
            error = statistics.stdev(a / b for a, b in zip(times[case], alone)) / math.sqrt(rounds)
            schedule = run.monitor._session._schedule if run.monitor else None
            print(f"| {optimizer} | {case} | {1000 * sum(alone) / rounds / steps:.3f} | {ratio:.3f} ± {error:.3f} | {middle:.3f} | {f'{schedule.pair}, {schedule.exact}' if schedule else ''} |", flush=True)


if __name__ == "__main__":
    main()
