"""Data parallelism with real processes (gloo): what the ranks send, combined as the columns are declared, is what one process with the whole batch sends."""

import json
import os
import sys
import unittest

import torch
from torch.nn.functional import cross_entropy

from trainmon._enums import Combination, Statistic

from . import oracle
from .capture import watched
from .processes import run_ranks

RANKS, EACH, STEPS = 2, 6, 4


def train(rank, ranks, clip, folder=None, watch=True):
    """One rank's part of the training, or all of it in one process."""
    model = oracle.network("tokens")
    wrapped = torch.nn.parallel.DistributedDataParallel(model) if ranks > 1 else model
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    monitor, transport, said = watched(model, optimizer, dataset_size=40, batch_size=RANKS * EACH, sampling="shuffled") if watch else (None, None, [])
    for step in range(STEPS):
        x, y = oracle.batch("tokens", examples=RANKS * EACH, seed=step)
        part = slice(rank * EACH, (rank + 1) * EACH) if ranks > 1 else slice(None)
        ids = [(7 * step + i) % 40 for i in range(RANKS * EACH)][part]
        optimizer.zero_grad()
        loss = cross_entropy(wrapped(x[part]), y[part])
        loss.backward()
        if monitor is not None:
            monitor.log(loss=loss, indices=ids)
            if clip is not None:
                monitor.clip_grad_norm_(model.parameters(), clip)
        elif clip is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
    weights = [p.detach().flatten().tolist() for p in model.parameters()]
    if monitor is None:
        return weights, None
    monitor.finish()
    reports = [
        {"columns": {s.name: list(column) for s, column in r.columns.items()}, "lag": vars(r.lag) if r.lag else None, "units": r.unit_count, "size": r.unit_size, "batch": r.batch_size, "exact": r.exact, "clip": r.values.clip_coefficient}
        for r in transport.reports]
    return weights, {"said": said, "reports": reports, "local": [c.statistic.name for c in transport.table.columns if c.combination == Combination.RANK_LOCAL]}


def train_sharded(rank, ranks, kind):
    """Likewise with parameters in parts."""
    from torch.distributed.fsdp import fully_shard

    model = oracle.network("tokens")
    if ranks > 1:
        for layer in model:
            if list(layer.parameters()) and not isinstance(layer, torch.nn.LayerNorm):  # the norms belong to the root: one that has a part of them and one that has none
                fully_shard(layer)
        fully_shard(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01) if kind == "adam" else torch.optim.SGD(model.parameters(), lr=0.1)
    monitor, transport, said = watched(model, optimizer, dataset_size=40, batch_size=RANKS * EACH, sampling="shuffled")
    for step in range(STEPS):
        x, y = oracle.batch("tokens", examples=RANKS * EACH, seed=step)
        part = slice(rank * EACH, (rank + 1) * EACH) if ranks > 1 else slice(None)
        optimizer.zero_grad()
        loss = cross_entropy(model(x[part]), y[part])
        loss.backward()
        monitor.log(loss=loss)
        optimizer.step()
    monitor.finish()
    reports = [{"columns": {s.name: list(column) for s, column in r.columns.items()}, "batch": r.batch_size, "exact": r.exact} for r in transport.reports]
    return {"said": said, "reports": reports, "combinations": sorted({c.combination.name for c in transport.table.columns}), "unavailable": transport.description.unavailable}


def main():
    if sys.argv[2] in ("adam", "sgd"):
        rank, folder, kind = int(os.environ["RANK"]), sys.argv[1], sys.argv[2]
        torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=RANKS)
        with open(os.path.join(folder, f"{rank}.json"), "w", encoding="utf-8") as file:
            json.dump(train_sharded(rank, RANKS, kind), file)
        torch.distributed.destroy_process_group()
        return
    rank, folder, clip, watch = int(os.environ["RANK"]), sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=RANKS)
    with open(os.path.join(folder, f"{rank}.json"), "w", encoding="utf-8") as file:
        json.dump(train(rank, RANKS, clip, watch=watch), file)
    torch.distributed.destroy_process_group()


class RankTests(unittest.TestCase):
    def ranks(self, clip, watch=True):
        return self.processes(json.dumps(clip), json.dumps(watch))

    def processes(self, *arguments):
        return run_ranks("tests.watching.test_ranks", RANKS, *arguments)

    def test_ranks_combined_are_the_whole_batch(self):
        for clip in (None, 0.05):
            with self.subTest(clip=clip):
                _, whole = train(0, 1, clip)
                parts = [told for _, told in self.ranks(clip)]
                self.assertEqual([part["said"] for part in parts], [[]] * RANKS)
                for step, expected in enumerate(whole["reports"]):
                    reports = [part["reports"][step] for part in parts]
                    self.assertTrue(all(report["exact"] for report in reports))
                    self.assertEqual(sum(report["units"] for report in reports), expected["units"])
                    self.assertEqual(sum(report["batch"] for report in reports), expected["batch"])
                    self.assertEqual([report["clip"] is None for report in reports], [clip is None] * RANKS)
                    if clip is not None:
                        self.assertAlmostEqual(reports[0]["clip"], expected["clip"], delta=1e-9)
                    for gate in ("GATE_OPEN", "GATE_TOTAL"):  # would be of a rank's own mean
                        del expected["columns"][gate]
                    self.assertEqual(sorted(reports[0]["columns"]), sorted(expected["columns"]))
                    for name, column in expected["columns"].items():
                        self.columns(name, column, [report["columns"][name] for report in reports], name in parts[0]["local"])
                    self.assertEqual([report["lag"] for report in reports], [None] * RANKS)  # no rank knows when another saw an example

    def columns(self, name, expected, parts, local):
        for layer, value in enumerate(expected):
            values = [part[layer] for part in parts]
            combined = sum(values) / RANKS if local else values[0]
            if not local:
                self.assertEqual(len(set(values)), 1, f"{name} differs between ranks")
            self.assertLessEqual(abs(combined - value), 1e-9 * max(abs(value), 1e-6), f"{name} of layer {layer}")

    def test_the_weights_are_those_of_ranks_that_nobody_watches(self):
        self.assertEqual([weights for weights, _ in self.ranks(None)], [weights for weights, _ in self.ranks(None, watch=False)])

    @unittest.skipUnless(hasattr(torch, "compile"), "this torch has no FSDP2")
    def test_parts_of_parameters_add_up(self):
        for kind in ("adam", "sgd"):
            with self.subTest(kind):
                whole = train_sharded(0, 1, kind)
                parts = self.processes(kind)
                for part in parts:
                    self.assertEqual((part["said"], part["combinations"]), ([], ["SHARDED"]))
                    self.assertIn("sharded over the ranks", part["unavailable"]["example_grad_sq"])
                for step, expected in enumerate(whole["reports"]):
                    reports = [part["reports"][step] for part in parts]
                    self.assertEqual(sum(report["batch"] for report in reports), RANKS * EACH)
                    names = set(reports[0]["columns"])
                    self.assertTrue({"GRAD_SQ", "OWN", "WEIGHT_SQ", "UPDATE_SQ"} <= names)
                    self.assertEqual("CROSS" in names, step > 0)
                    for name in names:
                        for layer, value in enumerate(expected["columns"][name]):
                            total = sum(report["columns"][name][layer] for report in reports)
                            self.assertLessEqual(abs(total - value), 1e-9 * max(abs(value), 1e-6), f"{name} of layer {layer}, step {step}")

    def test_what_is_rank_local_is_declared_so(self):
        _, told = train(0, 1, None)
        self.assertEqual(told["local"], [Statistic.EXAMPLE_GRAD_SQ.name, Statistic.SELF_SECOND_MOMENT.name])


if __name__ == "__main__":
    main()
