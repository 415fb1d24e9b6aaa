"""Digits with a share of the labels random, and nothing of any monitor: what `trainmon run` and `trainmon attach` are for. Prints a digest of the weights at the end."""

import argparse
import hashlib
import os
import time

import torch
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--noise", type=float, default=0.4)
    arguments.add_argument("--steps", type=int, default=460)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--workers", type=int, default=0)
    arguments.add_argument("--pause", type=float, default=0.0, help="seconds after each step, for a run that can be watched")
    arguments.add_argument("--until", default="", help="a file: the epoch in which it appears is the last one")
    options = arguments.parse_args()

    torch.manual_seed(options.seed)
    digits = load_digits()
    order = torch.randperm(len(digits.target))[:1000]
    images = torch.tensor(digits.data, dtype=torch.float32)[order] / 16
    labels = torch.tensor(digits.target)[order]
    wrong = torch.rand(1000) < options.noise
    labels[wrong] = torch.randint(10, (int(wrong.sum()),))

    model = torch.nn.Sequential(torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(images, labels), batch_size=50, shuffle=True, num_workers=options.workers)

    step, longest, last = 0, 0.0, None
    while step < options.steps and not os.path.exists(options.until):
        for batch_images, batch_labels in loader:
            loss = torch.nn.functional.cross_entropy(model(batch_images), batch_labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            time.sleep(options.pause)
            now = time.perf_counter()
            longest, last = max(longest, now - (last or now)), now
            print(f"step {step}", flush=True) if step % 20 == 0 else None

    digest = hashlib.sha256(b"".join(p.detach().numpy().tobytes() for p in model.parameters())).hexdigest()
    print(f"steps {step} loss {loss.item():.6f} weights {digest} longest step {longest:.3f} s", flush=True)


if __name__ == "__main__":
    main()
