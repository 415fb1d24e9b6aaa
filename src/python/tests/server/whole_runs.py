"""Whole trainings that PyTorch and TorchSharp make alike: data, weights and order of examples come from a generator that both sides have, so that the two runs differ by
rounding alone, and the server must raise the same alerts. This writes what it said of PyTorch's runs to tests/parity/runs.json (`TRAINMON_CLI=... python3 -m
tests.server.whole_runs`); test_whole_runs.py makes them again, WholeRunTests of the TorchSharp client makes its own."""

import gzip
import json
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

import trainmon

from .process import Server

_ROOT = Path(__file__).resolve().parents[4]
FILE = _ROOT / "tests" / "parity" / "runs.json"
_DIGITS = _ROOT / "src" / "TrainingMonitor.Examples" / "Data" / "digits.csv.gz"

EXAMPLES, BATCH, PIXELS, HIDDEN, CLASSES = 1000, 50, 64, 128, 10
STEPS_PER_EPOCH = EXAMPLES // BATCH

# noise: share of random labels.
CASES = {
    "adam-noise": {"seed": 1, "noise": 0.4, "epochs": 22},
    "adamw-random": {"seed": 2, "noise": 1.0, "epochs": 40},
    "adam-clean": {"seed": 3, "noise": 0.0, "epochs": 6},
    "sgd-diverging": {"seed": 4, "noise": 0.0, "epochs": 6},
}

_OPTIMIZERS = {
    "adam-noise": lambda p: torch.optim.Adam(p, lr=1e-3),
    "adamw-random": lambda p: torch.optim.AdamW(p, lr=2e-3, weight_decay=0.1),
    "adam-clean": lambda p: torch.optim.Adam(p, lr=1e-3),
    "sgd-diverging": lambda p: torch.optim.SGD(p, lr=3e4),
}


class Generator:
    """SplitMix64: Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014."""

    def __init__(self, seed):
        self._state = seed

    def uniform(self):
        """In [0, 1)."""
        mask = (1 << 64) - 1
        self._state = (self._state + 0x9E3779B97F4A7C15) & mask
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return ((z ^ (z >> 31)) >> 11) * 2.0**-53

    def below(self, count):
        return int(self.uniform() * count)

    def permutation(self, count):
        order = list(range(count))
        for i in range(count - 1, 0, -1):
            j = self.below(i + 1)
            order[i], order[j] = order[j], order[i]
        return order


def make(server):
    """What the server says of each case."""
    return {name: {**case, **_run(server, name, case)} for name, case in CASES.items()}


def _data(generator, noise):
    with gzip.open(_DIGITS, "rt", encoding="ascii") as file:
        rows = [[int(value) for value in line.split(",")] for line in file][:EXAMPLES]
    labels = [generator.below(CLASSES) if generator.uniform() < noise else row[PIXELS] for row in rows]
    return torch.tensor([row[:PIXELS] for row in rows], dtype=torch.float32) / 16, torch.tensor(labels)


def _network(generator):
    model = torch.nn.Sequential(torch.nn.Linear(PIXELS, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, CLASSES))
    with torch.no_grad():
        for layer in (model[0], model[2], model[4]):
            scale = layer.in_features**-0.5
            for parameter in (layer.weight, layer.bias):
                values = [scale * (2 * generator.uniform() - 1) for _ in range(parameter.numel())]
                parameter.copy_(torch.tensor(values, dtype=torch.float32).view(parameter.shape))
    return model


def _run(server, name, case):
    generator = Generator(case["seed"])
    images, labels = _data(generator, case["noise"])
    model = _network(generator)
    optimizer = _OPTIMIZERS[name](model.parameters())
    monitor = trainmon.watch(
        model, optimizer, dataset_size=EXAMPLES, batch_size=BATCH, sampling="shuffled", pair_interval=1, exact_interval=1, server=server.address, run_id=name)
    loss = None
    for step in range(case["epochs"] * STEPS_PER_EPOCH):
        at = step % STEPS_PER_EPOCH * BATCH
        if at == 0:
            order = generator.permutation(EXAMPLES)
        batch = torch.tensor(order[at : at + BATCH])
        optimizer.zero_grad()
        loss = cross_entropy(model(images[batch]), labels[batch])
        loss.backward()
        monitor.log(loss=loss, indices=batch)
        optimizer.step()
    monitor.finish()
    Server.until(lambda: server.state(name) == "finished", f"{name} does not end")
    Server.until(lambda: "\ntrainmon_series_points_waiting 0\n" in (server.get("/metrics") or ""), "alerts are not stored")
    return {"alerts": alerts(server.alerts(name))}


def alerts(transitions):
    """The epoch in which each rule fired first; of a run, or of any layer."""
    first = {}
    for alert in transitions:
        if alert["state"] == "ALERT_STATE_FIRING":
            first.setdefault(alert["rule"], int(alert["step"]) / STEPS_PER_EPOCH)
    return first


if __name__ == "__main__":
    monitored = Server("--no-auth")
    try:
        monitored.start()
        FILE.write_text(json.dumps(make(monitored), indent=1) + "\n", encoding="utf-8")
    finally:
        monitored.close()
