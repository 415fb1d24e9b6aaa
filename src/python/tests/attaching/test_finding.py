"""What is found in a process: optimizers that stand for themselves, the model of an optimizer."""

import gc
import unittest
import weakref

import torch

from trainmon._attach.finding import Several, is_optimizer, model_of, roots, scan, size, stands_for_itself, unwrapped


class Wrapper(torch.optim.Optimizer):
    """As accelerate's: an optimizer around another."""

    def __init__(self, optimizer):
        self.optimizer = optimizer

    @property
    def param_groups(self):
        return self.optimizer.param_groups


class Pretender:
    """Says that it is whatever it is asked for; isinstance would run its code."""

    asked = 0

    @property
    def __class__(self):
        Pretender.asked += 1
        return torch.optim.SGD


class FindingTests(unittest.TestCase):
    def setUp(self):
        gc.collect()
        self.model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Sequential(torch.nn.Linear(3, 2)))
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)

    def test_living_optimizers_and_root_modules_are_found_and_held_by_nobody(self):
        pretender, wrapper = Pretender(), Wrapper(self.optimizer)
        found = scan()
        optimizers = [reference() for reference in found.optimizers]
        self.assertIn(self.optimizer, optimizers)
        self.assertNotIn(wrapper, optimizers)
        self.assertNotIn(id(pretender), [id(o) for o in optimizers])
        self.assertEqual(Pretender.asked, 0)
        modules = [reference() for reference in found.modules]
        self.assertIn(self.model, modules)
        self.assertNotIn(self.model[0], modules)
        del optimizers, modules
        gone = weakref.ref(self.optimizer)
        self.optimizer = wrapper = None
        gc.collect()
        self.assertIsNone(gone())

    def test_kinds(self):
        self.assertTrue(is_optimizer(torch.optim.AdamW))
        self.assertFalse(is_optimizer(torch.nn.Linear))
        self.assertFalse(stands_for_itself(Wrapper(self.optimizer)))
        self.assertTrue(stands_for_itself(self.optimizer))
        self.assertEqual(size(self.optimizer), 4 * 3 + 3 + 3 * 2 + 2)

    def test_the_model_is_the_one_with_the_parameters_and_not_a_copy_of_it(self):
        copy = torch.nn.Sequential(torch.nn.Linear(4, 3))
        self.assertIs(model_of([self.optimizer], [copy, self.model]), self.model)

    def test_a_model_within_a_larger_one_is_found_through_it(self):
        whole = torch.nn.ModuleDict({"part": self.model})
        self.assertEqual(roots([self.model, whole, self.model[0]]), [whole])
        self.assertIs(model_of([self.optimizer], [whole]), whole)

    def test_several_models_of_one_optimizer_are_all_watched(self):
        other = torch.nn.Linear(2, 2)
        optimizer = torch.optim.SGD([*self.model.parameters(), *other.parameters()], lr=0.1)
        several = model_of([optimizer], [other, self.model])
        self.assertIsInstance(several, Several)
        names = [name for name, module in several.named_modules() if list(module.parameters(recurse=False))]
        self.assertEqual(names, ["Sequential.0", "Sequential.1.0", "Linear"])

    def test_shells_are_taken_off(self):
        self.assertIs(unwrapped(torch.nn.DataParallel(self.model)), self.model)
        self.assertIs(model_of([self.optimizer], [torch.nn.DataParallel(self.model)]), self.model)
