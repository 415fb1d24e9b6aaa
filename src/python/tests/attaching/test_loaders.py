"""Which examples a backward pass was made on, as the loader's iterator says."""

import sys
import unittest

import torch
from torch.utils.data import DataLoader, IterableDataset, RandomSampler, TensorDataset

from trainmon._attach.loaders import LoaderPatch, facts

DATA = TensorDataset(torch.arange(40))


def ahead(loader, depth):
    """Reads that many batches ahead of the loop, as accelerate does with one."""
    waiting = []
    for batch in loader:
        waiting.append(batch)
        if len(waiting) > depth:
            yield waiting.pop(0)
    yield from waiting


class Stream(IterableDataset):
    def __iter__(self):
        return iter(range(12))


class LoaderTests(unittest.TestCase):
    def setUp(self):
        self.faults = []
        self.patch = LoaderPatch(sys.modules["torch.utils.data.dataloader"], self.guard)
        self.addCleanup(self.patch.remove)

    def guard(self, action):
        try:
            action()
        except Exception as error:
            self.faults.append(error)

    def pairs(self, batches):
        """(what the batch holds, what is said of it), each as if a backward pass followed."""
        result = [(batch[0].tolist(), self.patch.use()) for batch in batches]
        self.assertEqual(self.faults, [])
        return result

    def assert_all_known(self, pairs, count):
        self.assertEqual(len(pairs), count)
        for held, said in pairs:
            self.assertEqual(held, said)

    def test_a_plain_loop(self):
        self.assert_all_known(self.pairs(DataLoader(DATA, batch_size=8, shuffle=True)), 5)

    def test_workers(self):
        self.assert_all_known(self.pairs(DataLoader(DATA, batch_size=4, shuffle=True, num_workers=2, multiprocessing_context="fork")), 10)

    def test_a_loop_that_reads_ahead(self):
        for depth in (1, 3):
            self.assert_all_known(self.pairs(ahead(DataLoader(DATA, batch_size=4, shuffle=True), depth)), 10)

    def test_from_the_middle_of_an_epoch_with_workers(self):
        self.patch.remove()
        batches = iter(DataLoader(DATA, batch_size=4, shuffle=True, num_workers=2, multiprocessing_context="fork"))
        next(batches)
        self.patch = LoaderPatch(sys.modules["torch.utils.data.dataloader"], self.guard)
        self.addCleanup(self.patch.remove)
        pairs = self.pairs(batches)
        self.assertEqual(len(pairs), 9)
        # What was asked for before is not known; nothing wrong is said.
        self.assertTrue(all(said is None or said == held for held, said in pairs), pairs)
        self.assertTrue(any(said is not None for _, said in pairs))

    def test_a_validation_in_between(self):
        training, validation = DataLoader(DATA, batch_size=8, shuffle=True), DataLoader(DATA, batch_size=20)
        pairs = []
        for number, batch in enumerate(training):
            pairs.append((batch[0].tolist(), self.patch.use()))
            if number % 2 == 0:
                for _ in validation:
                    pass
        self.assert_all_known(pairs, 5)

    def test_batches_that_are_passed_over_make_it_uncertain_and_the_next_epoch_is_known(self):
        loader = DataLoader(DATA, batch_size=8, shuffle=True)
        said = []
        for number, batch in enumerate(loader):
            if number != 2:
                said.append((batch[0].tolist(), self.patch.use()))
        self.assertEqual([pair[1] is None for pair in said], [False, False, True, True])
        self.assert_all_known(self.pairs(loader), 5)

    def test_no_loader_says_nothing(self):
        self.assertIsNone(self.patch.use())

    def test_facts(self):
        for loader, expected in (
            (DataLoader(DATA, batch_size=8, shuffle=True), {"dataset_size": 40, "batch_size": 8, "sampling": "shuffled"}),
            (DataLoader(DATA, batch_size=8), {"dataset_size": 40, "batch_size": 8, "sampling": "sequential"}),
            (DataLoader(DATA, batch_size=5, sampler=RandomSampler(DATA, replacement=True, num_samples=10)), {"dataset_size": 40, "batch_size": 5, "sampling": "with_replacement"}),
            (DataLoader(Stream(), batch_size=4), {"batch_size": 4, "sampling": "streaming"}),
        ):
            self.assertEqual(facts(iter(loader)), expected)

    def test_a_stream_has_no_indices(self):
        self.assertEqual([self.patch.use() for _ in DataLoader(Stream(), batch_size=4)], [None, None, None])
        self.assertEqual(self.faults, [])

    def test_it_leaves_no_trace(self):
        base = sys.modules["torch.utils.data.dataloader"]._BaseDataLoaderIter
        self.assertTrue(hasattr(base.__next__, "__wrapped__"))
        self.patch.remove()
        self.assertFalse(hasattr(base.__next__, "__wrapped__"))
        self.assertFalse(hasattr(base._next_index, "__wrapped__"))
