"""Digits with 40% of the labels random, and two exact clocks of memorization: canaries (a few more labels that are random on purpose) and sentinels (examples that are withheld for a while, in
turn). A data set that is wrapped, a sampler, and what `log` is given is all that they ask of a loop with a DataLoader."""

import argparse

import torch
from sklearn.datasets import load_digits
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

import trainmon

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("--server", default=None)
arguments.add_argument("--run-id", default=None)
arguments.add_argument("--noise", type=float, default=0.4)
arguments.add_argument("--epochs", type=int, default=60)
arguments.add_argument("--share", type=float, default=0.4, help="of the examples, withheld at a time: much, since there are 1000 only")
arguments.add_argument("--rate", type=float, default=3e-3)
arguments.add_argument("--seed", type=int, default=0)
options = arguments.parse_args()

torch.manual_seed(options.seed)
digits = load_digits()
order = torch.randperm(len(digits.target))[:1000]
images, labels = torch.tensor(digits.data, dtype=torch.float32)[order] / 16, torch.tensor(digits.target)[order]
wrong = torch.rand(len(labels)) < options.noise
labels[wrong] = torch.randint(10, (int(wrong.sum()),))
data = TensorDataset(images, labels)

model = torch.nn.Sequential(torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=options.rate)

canaries = trainmon.Canaries(len(data), classes=10, seed=options.seed)
sentinels = trainmon.Sentinels(
    len(data), lambda ids: cross_entropy(model(images[ids]), labels[ids], reduction="none"), share=options.share, planned_epochs=options.epochs, seed=options.seed, canaries=canaries)
loader = DataLoader(canaries.dataset(data), batch_size=50, sampler=sentinels.sampler())

with trainmon.watch(
    model, optimizer, dataset_size=len(data), batch_size=50, sampling="shuffled", pair_interval=1, exact_interval=8, canaries=canaries, sentinels=sentinels, server=options.server, run_id=options.run_id, project="clocks"
) as monitor:
    monitor.on_alert(lambda alert: print(f"step {alert.step}: {alert.rule} {alert.state}: {alert.summary}", flush=True))
    for epoch in range(options.epochs):
        for x, y, indices in loader:  # y holds the canaries' labels
            outputs = model(x)
            loss = cross_entropy(outputs, y)
            optimizer.zero_grad()
            loss.backward()
            monitor.log(loss=loss, indices=indices, outputs=outputs, targets=y)
            optimizer.step()
