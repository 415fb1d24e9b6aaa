"""Which examples are canaries, their labels, and the sums over a batch against a loop in plain Python."""

import math
import struct
import unittest

import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

from trainmon import Canaries
from trainmon._clocks.mix import hash_of, hashes, remainders
from trainmon._torch.clocks.canary_reader import CanaryReader


def message(reader):
    read = reader.take()
    return None if read is None else read[1](read[0].tolist())


def counts(sums):
    return list(struct.unpack(f"<{len(sums.rank_counts) // 4}I", sums.rank_counts))


class CanariesTests(unittest.TestCase):
    def test_the_same_seed_gives_the_same_canaries_and_another_seed_others(self):
        one = Canaries(10_000, 10, 3)
        self.assertEqual((len(one), len(set(one.ids))), (50, 50))
        self.assertTrue(all(0 <= id < 10_000 for id in one.ids))
        self.assertEqual(Canaries(10_000, 10, 3).ids, one.ids)
        self.assertLess(len(set(Canaries(10_000, 10, 4).ids) & set(one.ids)), 5)
        self.assertEqual([len(Canaries(1000, 10)), len(Canaries(1000, 10, share=0.1))], [16, 100])
        self.assertEqual(sorted(Canaries(16, 2).ids), list(range(16)))

    def test_a_label_is_any_of_its_choices_equally_often(self):
        for classes, choices in ((10, 9), (3, 2), (2, 2)):
            canaries = Canaries(9000, classes, 1, share=1)
            self.assertEqual(canaries.choices, choices)
            found = [0] * classes
            for id in range(9000):
                found[canaries.label_of(id, 1)] += 1
            expected = 9000 / choices
            for label, count in enumerate(found):
                wanted = 0 if label == 1 and classes > 2 else expected
                self.assertLessEqual(abs(count - wanted), 5 * math.sqrt(expected) if wanted else 0)

    def test_only_canaries_are_relabelled(self):
        canaries, own = Canaries(100, 5, 2), torch.arange(100) % 5
        for kind in (torch.int64, torch.int32):
            changed = canaries.relabel(range(100), own.to(kind))
            self.assertEqual(changed.dtype, kind)
            self.assertEqual(changed.tolist(), [canaries.label_of(i, i % 5) for i in range(100)])
            self.assertEqual({i for i in range(100) if changed[i] != i % 5}, set(canaries.ids))
        self.assertEqual(own.tolist(), [i % 5 for i in range(100)])
        others = [i for i in range(100) if i not in canaries.ids]
        few = own[others]
        self.assertIs(canaries.relabel(torch.tensor(others), few), few)
        with self.assertRaisesRegex(ValueError, "84 ids but targets"):
            canaries.relabel(others, own)

    def test_a_loader_gives_the_labels_and_the_indices(self):
        canaries = Canaries(100, 5, 2)
        images, labels = torch.randn(100, 3), torch.arange(100) % 5
        for workers in (0, 2):
            for x, y, indices in DataLoader(canaries.dataset(TensorDataset(images, labels)), batch_size=16, shuffle=True, num_workers=workers):
                self.assertTrue(torch.equal(x, images[indices]))
                self.assertTrue(torch.equal(y, canaries.relabel(indices, labels[indices])))
                self.assertEqual(y.dtype, torch.int64)
        rows = [{"pixels": k, "label": k % 5} for k in range(100)]
        for k, row in enumerate(canaries.dataset(rows, target="label")[k] for k in range(100)):
            self.assertEqual(row, {"pixels": k, "label": canaries.label_of(k, k % 5), "index": k})
        self.assertEqual(len(canaries.dataset(rows, "label")), 100)
        with self.assertRaisesRegex(ValueError, "has 99 examples, the canaries were made for 100"):
            canaries.dataset(rows[1:])

    def test_absurd_arguments_are_refused(self):
        for arguments, word in (((5, 10), "dataset_size"), ((100, 1), "classes"), ((100, 10, 0, 1.5), "share")):
            with self.assertRaisesRegex(ValueError, word):
                Canaries(*arguments)

    def test_hashes_of_many_are_those_of_one(self):
        for seed in (0, 5, -3):
            many = hashes(seed, 100, 160)
            self.assertEqual([h & (1 << 64) - 1 for h in many.tolist()], [hash_of(seed, k) for k in range(100, 160)])
            self.assertEqual(remainders(many, 97).tolist(), [hash_of(seed, k) % 97 for k in range(100, 160)])


class CanaryReaderTests(unittest.TestCase):
    def test_sums_are_those_of_a_loop(self):
        for classes in (7, 2, 40):
            with self.subTest(classes=classes):
                torch.manual_seed(classes)
                canaries, ids = Canaries(64, classes, 5), list(range(64))
                reader = CanaryReader(canaries)
                own = torch.arange(64) % classes
                targets = canaries.relabel(ids, own)
                outputs = torch.randn(64, classes, dtype=torch.float64).round(decimals=1)  # with equal ones
                loss = cross_entropy(outputs, targets)
                reader.add(ids, outputs, targets, loss)
                self.assertIsNone(message(reader), "none was trained on yet")
                reader.add(ids, outputs, targets, loss)
                self.compare(message(reader), canaries, outputs, targets, own, float(loss))

    def compare(self, sums, canaries, outputs, targets, own, loss):
        bins = min(canaries.choices, 10)
        ranks, total = [0] * bins, [0.0] * 5
        log = outputs.log_softmax(1).tolist()
        for i, row in enumerate(log):
            y = int(targets[i])
            if i not in canaries.ids:
                total[4] += sum((math.exp(v) - (c == y)) ** 2 for c, v in enumerate(row))
                continue
            choices = [c for c in range(canaries.classes) if canaries.classes == 2 or c != int(own[i])]
            logits = outputs[i].tolist()
            advantage = sum(-row[c] for c in choices) / len(choices) + row[y]
            ranks[sum(logits[c] > logits[y] or (logits[c] == logits[y] and c < y) for c in choices) * bins // len(choices)] += 1
            pull = 1 - math.exp(row[y]) - (1 - sum(math.exp(row[c]) for c in choices)) / len(choices)
            total = [t + v for t, v in zip(total, (-row[y], advantage, advantage**2, pull, 0))]
        self.assertEqual(counts(sums), ranks)
        self.assertEqual((sums.choices, sums.canaries, sums.pass_, sums.others, sums.train_count), (canaries.choices, 16, 1, 48, 64))
        for a, e in zip((sums.sum_loss, sums.sum_advantage, sums.sum_advantage_sq, sums.sum_pull, sums.others_sum_pull), total):
            self.assertAlmostEqual(a, e, 9)
        self.assertAlmostEqual(sums.train_sum_loss, 64 * loss, 9)

    def test_in_a_pass_each_canary_counts_once_however_batches_are_drawn(self):
        for replacement in (True, False):
            generator = torch.Generator().manual_seed(3)
            reader, passes, train = CanaryReader(Canaries(200, 5)), {}, 0.0
            for step in range(300):
                if step % 10 == 0:
                    order = torch.randperm(200, generator=generator)
                ids = torch.randint(200, (20,), generator=generator) if replacement else order[step % 10 * 20 :][:20]
                reader.add(ids, torch.zeros(20, 5), torch.zeros(20, dtype=torch.int64), 1 / 20)
                sums = message(reader)
                if sums is not None:
                    passes[sums.pass_] = passes.get(sums.pass_, 0) + sum(counts(sums))
                    train += sums.train_sum_loss
            self.assertLessEqual(max(passes.values()), 16)
            self.assertTrue(15 <= len(passes) <= 50 if replacement else len(passes) == 29, len(passes))
            self.assertTrue(26 * 10 <= train <= 300, train)

    def test_two_ranks_see_each_canary_once_in_a_pass(self):
        canaries, generator = Canaries(200, 5), torch.Generator().manual_seed(4)
        readers, passes = [CanaryReader(canaries, ranks=2) for _ in range(2)], {}
        for _ in range(10):
            order = torch.arange(200)[torch.randperm(200, generator=generator)]
            for rank, reader in enumerate(readers):
                part = order[rank::2]
                for at in range(0, 100, 20):
                    reader.add(part[at : at + 20], torch.zeros(20, 5), torch.zeros(20, dtype=torch.int64), 0.0)
                    sums = message(reader)
                    if sums is not None:
                        passes[sums.pass_] = passes.get(sums.pass_, 0) + sum(counts(sums))
        self.assertGreaterEqual(len(passes), 4)
        self.assertGreater(max(passes.values()), 8)

    def test_rows_that_are_not_finite_are_left_out(self):
        canaries = Canaries(16, 5)
        reader, ids, targets = CanaryReader(canaries), list(range(16)), torch.zeros(16, dtype=torch.int64)
        outputs = torch.zeros(16, 5)
        outputs[3] = math.nan
        for _ in range(2):
            reader.add(ids, outputs, targets, 0.0)
        self.assertEqual(sum(counts(message(reader))), 15)
        reader.add(ids, torch.full((16, 5), math.inf), targets, 0.0)
        self.assertIsNone(message(reader))

    def test_microbatches_of_a_step_add_up(self):
        canaries, outputs = Canaries(64, 7, 5), torch.randn(64, 7, dtype=torch.float64)
        targets = canaries.relabel(range(64), torch.arange(64) % 7)
        whole, parts = CanaryReader(canaries), CanaryReader(canaries)
        for _ in range(2):
            whole.add(range(64), outputs, targets, cross_entropy(outputs, targets))
            for at in (0, 32):
                part = slice(at, at + 32)
                parts.add(range(at, at + 32), outputs[part], targets[part], cross_entropy(outputs[part], targets[part]))
        a, b = message(whole), message(parts)
        self.assertEqual((a.rank_counts, a.others, a.train_count, a.pass_), (b.rank_counts, b.others, b.train_count, b.pass_))
        for name in ("sum_loss", "sum_advantage", "sum_pull", "others_sum_pull", "train_sum_loss"):
            self.assertAlmostEqual(getattr(a, name), getattr(b, name), 9)

    def test_outputs_that_do_not_fit_are_named(self):
        reader, ids = CanaryReader(Canaries(16, 5)), list(range(16))
        reader.add(ids, None, None, 0.0)
        with self.assertRaisesRegex(ValueError, r"\[16, 5\]"):
            reader.add(ids, torch.zeros(16, 4), torch.zeros(16, dtype=torch.int64), 0.0)


if __name__ == "__main__":
    unittest.main()
