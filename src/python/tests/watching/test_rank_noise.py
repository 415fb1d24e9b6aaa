"""Each rank of DistributedDataParallel as a unit of the noise, by a communication hook, with real processes (gloo)."""

import json
import os
import sys
import unittest

import torch
from torch.nn.functional import cross_entropy

from . import oracle
from .capture import watched
from .processes import run_ranks

RANKS, EACH, STEPS = 2, 6, 4
OPTIMIZERS = {"adam": lambda p: torch.optim.Adam(p, lr=0.01), "momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)}


def data(step, rank=None):
    x, y = oracle.batch(examples=RANKS * EACH, seed=step)
    part = slice(None) if rank is None else slice(rank * EACH, (rank + 1) * EACH)
    return x[part], y[part]


def train(rank, name, layers, scale, clip, watch, late):
    """One rank's part."""
    from .fake_device import fake_device

    if late:
        with fake_device(2) as device:
            return _train(rank, name, layers, scale, clip, watch, device)
    return _train(rank, name, layers, scale, clip, watch, None)


def _train(rank, name, layers, scale, clip, watch, device):
    model = oracle.network()
    wrapped = torch.nn.parallel.DistributedDataParallel(model)
    optimizer = OPTIMIZERS[name](model.parameters())
    called = []
    if watch:
        from torch.distributed.algorithms.ddp_comm_hooks.default_hooks import allreduce_hook

        def own(state, bucket):
            called.append(state)
            return allreduce_hook(None, bucket)

        monitor, transport, said = watched(model, optimizer, batch_size=RANKS * EACH, exact_layers=layers)
        monitor._session.scaled = scale != 1  # as a scaler would say
        monitor.watch_ranks(wrapped, own, "the user's")
    for step in range(STEPS):
        x, y = data(step, rank)
        optimizer.zero_grad()
        (scale * cross_entropy(wrapped(x), y)).backward()
        for p in model.parameters():
            p.grad.div_(scale)
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
    weights = [p.detach().flatten().tolist() for p in model.parameters()]
    if not watch:
        return weights, None
    if device is not None:
        device.now += 10
    monitor.finish()
    reports = [
        {"columns": {s.name: list(column) for s, column in r.columns.items()}, "units": r.unit_count, "size": r.unit_size, "batch": r.batch_size, "exact": r.exact}
        for r in transport.reports]
    return weights, {"said": said, "reports": reports, "called": len(called) // STEPS >= 1 and set(called) == {"the user's"}}


def whole(name, clip):
    """What one process with the whole batch says of its ranks: mean of |g_r|^2 and of sum P g_r^2, sum P g^2, by layer."""
    model = oracle.network()
    optimizer = OPTIMIZERS[name](model.parameters())
    expected = []
    for step in range(STEPS):
        parts = [torch.autograd.grad(cross_entropy(model(x), y), list(model.parameters())) for x, y in (data(step, rank) for rank in range(RANKS))]
        x, y = data(step)
        optimizer.zero_grad()
        cross_entropy(model(x), y).backward()
        factor = 1.0
        if clip is not None:
            factor = min(1.0, clip / (float(torch.nn.utils.clip_grad_norm_(model.parameters(), clip)) + 1e-6))
        gradient = [p.grad.clone() for p in model.parameters()]
        optimizer.step()
        gains = []
        for p in model.parameters():
            state, t = optimizer.state[p], step + 1
            gains.append(torch.tensor(0.05, dtype=torch.float64) if name == "momentum" else 0.01 * 0.1 / (1 - 0.9**t) / ((state["exp_avg_sq"] / (1 - 0.999**t)).sqrt() + 1e-8))
        mean = [factor**2 * sum(part[k].square() for part in parts) / RANKS for k in range(len(gradient))]
        expected.append({
            "EXAMPLE_GRAD_SQ": oracle.by_layer(model, [m.sum() for m in mean]),
            "SELF_SECOND_MOMENT": oracle.by_layer(model, [(p * m).sum() for p, m in zip(gains, mean)]),
            "SELF_MEAN_SQ": oracle.by_layer(model, [(p * g.square()).sum() for p, g in zip(gains, gradient)]),
        })
    return expected


def main():
    rank, folder, arguments = int(os.environ["RANK"]), sys.argv[1], json.loads(sys.argv[2])
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=RANKS)
    result = train(rank, **arguments)
    with open(os.path.join(folder, f"{rank}.json"), "w", encoding="utf-8") as file:
        json.dump(result, file)
    torch.distributed.destroy_process_group()


class RankNoiseTests(unittest.TestCase):
    def ranks(self, name="adam", layers="none", scale=1, clip=None, watch=True, late=False):
        arguments = {"name": name, "layers": layers, "scale": scale, "clip": clip, "watch": watch, "late": late}
        return run_ranks("tests.watching.test_rank_noise", RANKS, json.dumps(arguments))

    def test_each_rank_is_a_unit(self):
        for options in ({}, {"name": "momentum"}, {"scale": 256, "clip": 0.1}, {"late": True}):
            with self.subTest(options):
                expected = whole(options.get("name", "adam"), options.get("clip"))
                parts = [told for _, told in self.ranks(**options)]
                self.assertEqual([part["said"] for part in parts], [[]] * RANKS)
                self.assertEqual([part["called"] for part in parts], [True] * RANKS)
                for step, columns in enumerate(expected):
                    reports = [part["reports"][step] for part in parts]
                    self.assertEqual([(r["units"], r["size"], r["batch"], r["exact"]) for r in reports], [(1, EACH, EACH, False)] * RANKS)
                    for name, column in columns.items():
                        for layer, value in enumerate(column):
                            values = [report["columns"][name][layer] for report in reports]
                            combined = values[0] if name == "SELF_MEAN_SQ" else sum(values) / RANKS
                            self.assertLessEqual(abs(combined - value), 1e-8 * abs(value) + 1e-15, f"{name} of layer {layer}, step {step}")

    def test_with_a_scaler_examples_are_known_too(self):
        parts = [told for _, told in self.ranks(layers="all", scale=256, clip=0.1)]
        self.assertEqual([part["said"] for part in parts], [[]] * RANKS)
        model = oracle.network()
        x, y = data(0)
        each = oracle.example_gradients(model, x, y)
        gradient = [sum(e[k] for e in each) / len(each) for k in range(len(each[0]))]
        factor = 0.1 / (float(sum(g.square().sum() for g in gradient)) ** 0.5 + 1e-6)
        expected = oracle.by_layer(model, [factor**2 * sum(e[k].square().sum() for e in each) / len(each) for k in range(len(gradient))])
        reports = [part["reports"][0] for part in parts]
        self.assertEqual([(r["units"], r["exact"]) for r in reports], [(EACH, True)] * RANKS)
        for layer, value in enumerate(expected):
            self.assertAlmostEqual(sum(r["columns"]["EXAMPLE_GRAD_SQ"][layer] for r in reports) / RANKS, value, delta=1e-8 * value)

    def test_the_weights_are_those_of_ranks_that_nobody_watches(self):
        self.assertEqual([weights for weights, _ in self.ranks()], [weights for weights, _ in self.ranks(watch=False)])

    def test_without_a_monitor_the_hook_of_the_user_communicates_alone(self):
        registered = []

        class Module:
            def register_comm_hook(self, state, hook):
                registered.append((state, hook))

        model = oracle.network()
        monitor, _, _ = watched(model, torch.optim.SGD(model.parameters(), lr=0.1), dataset_size=0)
        monitor.watch_ranks(Module(), len, 7)
        monitor.watch_ranks(Module())
        self.assertEqual(registered, [(7, len)])


if __name__ == "__main__":
    main()
