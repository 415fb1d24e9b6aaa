"""Which examples are withheld when."""

import unittest

import torch
from torch.utils.data import BatchSampler, DataLoader, TensorDataset

from trainmon import Canaries, Sentinels


def make(count, **options):
    return Sentinels(count, lambda ids: None, seed=1, **options)


class SentinelsTests(unittest.TestCase):
    def test_all_examples_are_trained_on_in_the_end_and_a_twentieth_is_withheld_at_a_time(self):
        sentinels, trained = make(4000, epochs_a_turn=2), set()
        self.assertEqual(sentinels.slice_count, 100)
        for epoch in range(12):
            sentinels.begin_epoch(epoch)
            kept = sentinels.filter(range(4000))
            self.assertTrue(120 <= 4000 - len(kept) <= 280)
            fresh, seen = sentinels.withheld()
            self.assertEqual(sorted(fresh + seen), sorted(set(range(4000)) - set(kept)))
            self.assertEqual([i for i in range(4000) if sentinels.is_withheld(i)], sorted(fresh + seen))
            self.assertFalse(trained & set(fresh))
            self.assertTrue(trained >= set(seen))
            self.assertEqual(bool(fresh), epoch < 10)
            trained.update(kept)
        self.assertEqual((len(trained), sentinels.turn, sentinels.unseen_epochs), (4000, 5, 1))

    def test_fresh_is_fresh_once_and_a_released_slice_comes_back_as_seen(self):
        sentinels = make(500, share=0.25, slices=2, epochs_a_turn=1)
        self.assertEqual(sentinels.slice_count, 8)
        first = sentinels.withheld()[0]
        sentinels.begin_epoch(8)
        fresh, seen = sentinels.withheld()
        self.assertEqual((fresh, sorted(seen)), ([], sorted(first)))
        sentinels.begin_epoch(0)
        self.assertEqual(sentinels.withheld()[0], [], "a loop that starts its epochs again does not make them fresh")

    def test_canaries_are_never_withheld_and_a_cap_takes_the_same_ones_each_time(self):
        canaries = Canaries(3000, 10)
        sentinels = make(3000, share=0.5, most_examples=40, canaries=canaries)
        self.assertFalse(any(sentinels.is_withheld(id) for id in canaries.ids))
        fresh, seen = sentinels.withheld()
        self.assertEqual((len(fresh), seen), (40, []))
        self.assertEqual(sentinels.withheld()[0], fresh)

    def test_turns_follow_the_plan(self):
        for asked, planned, turn in ((0, 60, 10), (3, 60, 3), (0, 0, 5), (0, 2, 1)):
            self.assertEqual(make(100, epochs_a_turn=asked, planned_epochs=planned).epochs_a_turn, turn)

    def test_absurd_options_name_the_field(self):
        with self.assertRaisesRegex(ValueError, "share"):
            make(100, share=0.9)
        with self.assertRaisesRegex(ValueError, "losses"):
            Sentinels(100, None)

    def test_a_loader_leaves_out_what_is_withheld_and_goes_on_by_itself(self):
        sentinels, other = make(400, epochs_a_turn=1), make(400, epochs_a_turn=1)
        data = TensorDataset(torch.arange(400))
        loader = DataLoader(data, batch_size=30, sampler=sentinels.sampler())
        for epoch in range(8):
            other.begin_epoch(epoch)
            self.assertEqual(len(loader), -(-len(other.filter(range(400))) // 30))
            seen = torch.cat([batch for (batch,) in loader]).tolist()
            self.assertEqual(sorted(seen), other.filter(range(400)))
            self.assertEqual(sentinels.epoch, epoch)
        loader.sampler.set_epoch(2)
        other.begin_epoch(2)
        batches = DataLoader(data, batch_sampler=BatchSampler(loader.sampler, 30, drop_last=True))
        self.assertEqual(len(list(batches)), len(other.filter(range(400))) // 30)
        in_order = sentinels.sampler(shuffle=False)
        self.assertEqual(list(in_order), other.filter(range(400)))

    def test_a_sampler_of_ones_own_is_asked_for_its_epoch(self):
        class Own(list):
            epoch = None

            def set_epoch(self, epoch):
                self.epoch = epoch

        own = Own(range(0, 400, 2))
        sampler = make(400).sampler(own)
        sampler.set_epoch(7)
        self.assertEqual(own.epoch, 7)
        part = list(sampler)
        self.assertTrue(set(part) < set(own) and abs(len(part) - len(sampler)) <= 15)


if __name__ == "__main__":
    unittest.main()
