"""Canaries and sentinels in PyTorch and in TorchSharp: from equal seeds the same examples, from equal weights and batches the same sums. This writes what this client makes to
tests/parity/clocks.json (`python3 -m tests.clocks.parity`); test_parity.py makes it again, ClockParityTests of the TorchSharp client hold theirs against it."""

import json
import struct
from dataclasses import asdict
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

from trainmon import Canaries, Sentinels
from trainmon._report import CanarySums

from ..watching.capture import watched

FILE = Path(__file__).resolve().parents[4] / "tests" / "parity" / "clocks.json"

INPUTS, CLASSES, EXAMPLES, BATCH, EPOCHS = 5, 4, 60, 10, 6


def make():
    """Everything, as plain numbers."""
    return {"canaries": [_canaries(*case) for case in ((1000, 10, 0, 0.005), (5000, 3, 7, 0.01), (400, 2, -3, 0.1))], "sentinels": [_sentinels(*case) for case in ((3000, 0.05, 5, 2, 0), (700, 0.25, 2, 1, -9))], "run": _run()}


def write():
    """Writes the file."""
    FILE.write_text(json.dumps(make(), separators=(",", ":")) + "\n", encoding="utf-8")


def _canaries(size, classes, seed, share):
    canaries = Canaries(size, classes, seed, share)
    return {"dataset_size": size, "classes": classes, "seed": seed, "share": share, "ids": canaries.ids, "labels": [canaries.label_of(id, id % classes) for id in canaries.ids]}


def _sentinels(size, share, slices, turn, seed):
    sentinels = Sentinels(size, lambda ids: None, share, slices, turn, most_examples=40, seed=seed)
    epochs = []
    for epoch in range(0, 2 * slices * turn, turn):
        sentinels.begin_epoch(epoch)
        fresh, seen = sentinels.withheld()
        epochs.append({"number": epoch, "fresh": fresh, "seen": seen, "kept": len(sentinels.filter(range(size)))})
    return {"dataset_size": size, "share": share, "slices": slices, "epochs_a_turn": turn, "seed": seed, "most_examples": 40, "epochs": epochs}


def _run():
    generator = torch.Generator().manual_seed(11)
    weights = [torch.randn(shape, generator=generator) * 0.4 for shape in ((CLASSES, INPUTS), (CLASSES,))]
    x = torch.randn(EXAMPLES, INPUTS, generator=generator)
    y = torch.randint(CLASSES, (EXAMPLES,), generator=generator)
    model = torch.nn.Linear(INPUTS, CLASSES)
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), weights):
            parameter.copy_(value)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
    canaries = Canaries(EXAMPLES, CLASSES, 2)
    sentinels = Sentinels(EXAMPLES, lambda ids: cross_entropy(model(x[ids]), y[ids], reduction="none"), 0.2, 2, 2, canaries=canaries)
    monitor, transport, said = watched(model, optimizer, canaries=canaries, sentinels=sentinels, dataset_size=EXAMPLES, batch_size=BATCH, exact_interval=0)
    epochs = []
    for epoch in range(EPOCHS):
        sentinels.begin_epoch(epoch)
        order = sentinels.filter(torch.randperm(EXAMPLES, generator=generator).tolist())
        batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
        epochs.append(batches)
        for batch in batches:
            targets = canaries.relabel(batch, y[batch])
            outputs = model(x[batch])
            loss = cross_entropy(outputs, targets)
            optimizer.zero_grad()
            loss.backward()
            monitor.log(loss=loss, indices=batch, outputs=outputs, targets=targets)
            optimizer.step()
    monitor.finish()
    if said or len(transport.reports) != sum(len(batches) for batches in epochs):
        raise AssertionError(f"the monitor of PyTorch {torch.__version__}: {said}")
    return {
        "inputs": x.tolist(), "labels": y.tolist(), "weights": [w.flatten().tolist() for w in weights], "epochs": epochs,
        "steps": [{"canaries": _plain(report.canaries), "sentinels": _plain(report.sentinels)} for report in transport.reports]}


def _plain(sums):
    if sums is None:
        return None
    numbers = asdict(sums)
    if isinstance(sums, CanarySums):
        numbers["pass"] = numbers.pop("pass_")
        numbers["rank_counts"] = list(struct.unpack(f"<{len(sums.rank_counts) // 4}I", sums.rank_counts))
    return numbers


if __name__ == "__main__":
    write()
