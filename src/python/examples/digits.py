"""Digits with 40% of the labels random: the network memorizes them, and the monitor says so without a held-out set. Two lines watch the run; the rest is the training."""

import argparse

import torch
from sklearn.datasets import load_digits

import trainmon

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("--server", default=None)
arguments.add_argument("--run-id", default=None)
arguments.add_argument("--noise", type=float, default=0.4)
arguments.add_argument("--steps", type=int, default=450)
arguments.add_argument("--seed", type=int, default=0)
options = arguments.parse_args()

EXAMPLES, BATCH = 1000, 50
torch.manual_seed(options.seed)
digits = load_digits()
order = torch.randperm(len(digits.target))[:EXAMPLES]
images = torch.tensor(digits.data, dtype=torch.float32)[order] / 16
labels = torch.tensor(digits.target)[order]
wrong = torch.rand(EXAMPLES) < options.noise
labels[wrong] = torch.randint(10, (int(wrong.sum()),))

model = torch.nn.Sequential(torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
monitor = trainmon.watch(
    model, optimizer, dataset_size=EXAMPLES, batch_size=BATCH, sampling="shuffled", pair_interval=1, exact_interval=1, server=options.server, run_id=options.run_id)
monitor.on_alert(lambda alert: print(f"step {alert.step}: {alert.rule} {alert.state}: {alert.summary}", flush=True))

for step in range(options.steps):
    if step % (EXAMPLES // BATCH) == 0:
        epoch = torch.randperm(EXAMPLES)
    batch = epoch[step % (EXAMPLES // BATCH) * BATCH :][:BATCH]
    loss = torch.nn.functional.cross_entropy(model(images[batch]), labels[batch])
    optimizer.zero_grad()
    loss.backward()
    monitor.log(loss=loss, indices=batch)
    optimizer.step()
monitor.finish()
