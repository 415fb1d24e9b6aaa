"""One and the same training in PyTorch and in TorchSharp: from equal weights and batches both clients must send equal statistics. This writes what PyTorch's sends, with
weights and batches, to tests/parity/steps.json (`python3 -m tests.watching.parity`); test_parity.py makes it again, ParityTests of the TorchSharp client train on it."""

import json
import math
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

import trainmon
from trainmon._monitor import Monitor, WatchOptions
from trainmon._settings import Settings

from .capture import CaptureTransport

FILE = Path(__file__).resolve().parents[4] / "tests" / "parity" / "steps.json"

INPUTS, HIDDEN, CLASSES, EXAMPLES, BATCH, STEPS = 5, 7, 4, 24, 8, 6

OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "sgd-decay": lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.05),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "momentum-decay": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.05),
    "dampening": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.3),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adam-decay": lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.5),
    "amsgrad": lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.9, 0.9), amsgrad=True),
}


def make():
    """Everything, as plain numbers."""
    generator = torch.Generator().manual_seed(7)
    weights = [torch.randn(shape, generator=generator) * 0.4 for shape in ((HIDDEN, INPUTS), (HIDDEN,), (CLASSES, HIDDEN), (CLASSES,))]
    x = torch.randn(EXAMPLES, INPUTS, generator=generator)
    y = torch.randint(CLASSES, (EXAMPLES,), generator=generator)
    batches = [torch.randperm(EXAMPLES, generator=generator)[:BATCH].tolist() for _ in range(STEPS)]
    runs = {name: _run(make_optimizer, weights, x, y, batches) for name, make_optimizer in OPTIMIZERS.items()}
    return {"inputs": x.tolist(), "labels": y.tolist(), "batches": batches, "weights": [w.flatten().tolist() for w in weights], "runs": runs}


def write():
    """Writes the file."""
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(make(), separators=(",", ":")) + "\n", encoding="utf-8")


def _run(make_optimizer, weights, x, y, batches):
    model = torch.nn.Sequential(torch.nn.Linear(INPUTS, HIDDEN), torch.nn.Tanh(), torch.nn.Linear(HIDDEN, CLASSES))
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), weights):
            parameter.copy_(value)
    optimizer = make_optimizer(model.parameters())
    transport = CaptureTransport()
    options = WatchOptions(EXAMPLES, BATCH, "with_replacement", pair_interval=1, exact_interval=1)
    faults = []
    monitor = Monitor(model, optimizer, options, Settings(enabled=True, say=faults.append), transport)
    for batch in batches:
        optimizer.zero_grad()
        loss = cross_entropy(model(x[batch]), y[batch])
        loss.backward()
        monitor.log(loss=loss, indices=batch)
        optimizer.step()
    monitor.finish()
    if faults or len(transport.reports) != len(batches):
        raise AssertionError(f"the monitor of PyTorch {torch.__version__}, trainmon {trainmon.__version__}: {faults}")
    return [_numbers(report) for report in transport.reports]


def _numbers(report):
    lag = report.lag
    return {
        "loss": report.values.loss,
        "columns": {statistic.name: [None if math.isnan(value) else value for value in column] for statistic, column in sorted(report.columns.items())},
        "lag": None if lag is None else {"count": lag.count, "sum_cross": lag.sum_cross, "sum_z": lag.sum_z, "sum_cross_z": lag.sum_cross_z, "sum_z_sq": lag.sum_z_sq, "sum_cross_sq": lag.sum_cross_sq},
    }


if __name__ == "__main__":
    write()
