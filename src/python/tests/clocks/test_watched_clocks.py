"""Both clocks through the monitor, in a network with dropout and BatchNorm."""

import unittest

import torch
from torch.nn.functional import cross_entropy

from trainmon import Canaries, Sentinels

from ..watching.capture import watched

EXAMPLES, CLASSES, BATCH, STEPS = 120, 4, 20, 24


class Fails(Exception):
    pass


class WatchedClocksTests(unittest.TestCase):
    def run_it(self, watch, losses=None, outputs_given=True):
        torch.manual_seed(5)
        model = torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.BatchNorm1d(16), torch.nn.ReLU(), torch.nn.Dropout(0.4), torch.nn.Linear(16, CLASSES))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        x, y = torch.randn(EXAMPLES, 6), torch.randint(CLASSES, (EXAMPLES,))
        each = lambda ids: cross_entropy(model(x[ids]), y[ids], reduction="none")  # noqa: E731
        canaries = Canaries(EXAMPLES, CLASSES, 1)
        sentinels = Sentinels(EXAMPLES, losses or each, share=0.2, slices=2, epochs_a_turn=2, seed=1, canaries=canaries)
        self.fresh = []
        if watch and losses is None:
            model.eval()
            with torch.no_grad():
                self.fresh = each(sentinels.withheld()[0]).tolist()
            model.train()
        monitor, transport, said = watched(model, optimizer, canaries=canaries, sentinels=sentinels, dataset_size=EXAMPLES, batch_size=BATCH, pair_interval=8, exact_interval=8) if watch else (None, None, [])
        step, made = 0, []
        while step < STEPS:
            sentinels.begin_epoch(step // 5)
            order = sentinels.filter(range(EXAMPLES))
            for at in range(0, len(order), BATCH):
                if step == STEPS:
                    break
                ids = order[at : at + BATCH]
                targets = canaries.relabel(ids, y[ids])
                outputs = model(x[ids])
                loss = cross_entropy(outputs, targets)
                optimizer.zero_grad()
                loss.backward()
                made.append(loss.item())
                if monitor is not None:
                    monitor.log(loss=loss, indices=ids, outputs=outputs if outputs_given else None, targets=targets)
                optimizer.step()
                step += 1
        if monitor is not None:
            self.assertTrue(monitor.is_on)
            monitor.finish()
        return made, [v.clone() for v in model.state_dict().values()] + [torch.get_rng_state()], transport and transport.reports, said

    def test_looking_at_canaries_and_sentinels_leaves_every_bit_alone(self):
        losses, state, _, _ = self.run_it(False)
        seen_losses, seen_state, reports, said = self.run_it(True)
        self.assertEqual(said, [])
        self.assertEqual(seen_losses, losses)
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(state, seen_state)))
        # An evaluation before the first step and about once an epoch, whether or not anything else is due; canaries wherever one comes again.
        evaluated = {r.step: r.sentinels for r in reports if r.sentinels is not None}
        self.assertEqual(list(evaluated), [0, 6, 12, 18])
        self.assertGreater(len([r for r in reports if r.canaries is not None]), 5)
        self.assertLess(len([r for r in reports if r.columns]), 10)
        self.assertEqual([r.values.loss for r in reports if r.canaries is not None], [losses[r.step] for r in reports if r.canaries is not None])
        first, second = evaluated[0], evaluated[6]
        self.assertEqual((first.paired_count, first.reference_step, first.seen_count), (0, 0, 0))
        self.assertAlmostEqual(first.fresh_sum_loss, sum(self.fresh), 4)
        self.assertAlmostEqual(first.fresh_sum_loss_sq, sum(v * v for v in self.fresh), 4)
        self.assertEqual((second.paired_count, second.reference_step), (first.fresh_count, 0))
        self.assertAlmostEqual(second.sum_rise, second.fresh_sum_loss - first.fresh_sum_loss, 9)
        self.assertGreater(evaluated[18].seen_count, 0, "the second turn has come")

    def test_a_loss_that_fails_ends_the_sentinels_only(self):
        def fails(_ids):
            raise Fails("no data")

        losses, _, reports, said = self.run_it(True, fails)
        self.assertEqual(losses, self.run_it(False)[0])
        self.assertEqual(said, ["sentinels are off for this run: Fails: no data"])
        self.assertFalse(any(r.sentinels for r in reports))
        self.assertTrue(any(r.canaries for r in reports))

    def test_a_mean_in_place_of_losses_is_named(self):
        said = self.run_it(True, lambda ids: torch.zeros(()))[3]
        self.assertEqual(len(said), 1)
        self.assertIn("1 losses for", said[0])

    def test_outputs_that_are_not_given_are_missed_once(self):
        _, _, reports, said = self.run_it(True, outputs_given=False)
        self.assertEqual(len(said), 1)
        self.assertIn("without indices, outputs and targets", said[0])
        self.assertFalse(any(r.canaries for r in reports))

    def test_clocks_of_another_data_set_are_refused(self):
        model = torch.nn.Linear(2, 2)
        monitor, _, said = watched(model, torch.optim.SGD(model.parameters(), lr=0.1), canaries=Canaries(100, 2), dataset_size=99)
        self.assertFalse(monitor.is_on)
        self.assertIn("the canaries were made for 100", said[0])


if __name__ == "__main__":
    unittest.main()
