"""The loss as the scalar whose backward is called."""

import unittest

import torch

from trainmon._attach import losses
from trainmon._attach.gathered import Gathered
from trainmon._attach.losses import LossPatch


class Scaler:
    """As torch's GradScaler on a machine with CUDA."""

    def scale(self, outputs):
        return outputs * 65536.0


class LossTests(unittest.TestCase):
    def setUp(self):
        self.told = []
        known, losses._scalers = losses._scalers, lambda: [Scaler]
        self.addCleanup(setattr, losses, "_scalers", known)
        self.patch = LossPatch(torch, self.told.append, lambda action: action())
        self.addCleanup(self.patch.remove)
        self.weight = torch.ones(3, requires_grad=True)

    def test_a_scalar_is_told_after_its_backward_and_has_no_graph(self):
        (self.weight * 2).sum().backward()
        self.assertEqual([loss.item() for loss in self.told], [6.0])
        self.assertFalse(self.told[0].requires_grad)
        self.assertEqual(self.weight.grad.tolist(), [2.0] * 3)

    def test_a_vector_is_not_a_loss(self):
        (self.weight * 2).backward(torch.ones(3))
        self.assertEqual(self.told, [])

    def test_what_was_scaled_is_told_unscaled_and_once(self):
        scaler = Scaler()
        scaler.scale(self.weight.sum()).backward()
        (self.weight * 2).sum().backward()
        self.assertEqual([loss.item() for loss in self.told], [3.0, 6.0])
        self.assertEqual(self.weight.grad.tolist(), [65538.0] * 3)

    def test_an_error_of_backward_is_the_user_s(self):
        with self.assertRaises(RuntimeError):
            torch.ones(1).sum().backward()
        self.assertEqual(self.told, [])

    def test_removed_it_leaves_no_trace_and_one_patched_over_only_passes_on(self):
        self.patch.remove()
        self.assertFalse(hasattr(torch.Tensor.backward, "__wrapped__"))
        self.assertFalse(hasattr(Scaler.scale, "__wrapped__"))
        patch = LossPatch(torch, self.told.append, lambda action: action())
        inner = torch.Tensor.backward
        torch.Tensor.backward = lambda tensor, *a, **k: inner(tensor, *a, **k)
        try:
            patch.remove()
            self.weight.sum().backward()
            self.assertEqual(self.told, [])
        finally:
            torch.Tensor.backward = inner.__wrapped__


class GatheredTests(unittest.TestCase):
    def test_backward_passes_of_one_step_are_one(self):
        gathered = Gathered()
        self.assertEqual(gathered.add(1, 2.0, [1, 2]), (2.0, [1, 2], 2))
        self.assertEqual(gathered.add(1, 4.0, [3]), (3.0, [1, 2, 3], 3))
        self.assertEqual(gathered.add(2, 5.0, None), (5.0, None, None))
        self.assertEqual(gathered.add(2, 7.0, [4]), (6.0, None, None))
