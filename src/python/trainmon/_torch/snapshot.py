"""own, cross and the update's norm for optimizers whose formula is not known: the weights of a sample of coordinates before and after the step. A parameter of up to
65,536 elements is its own sample and the sums are exact; of a larger one every k-th element stands for k."""

import torch

from .._enums import Statistic

SAMPLE = 1 << 16


class Snapshots:
    """Between the two sides of a step, and from a step to the next."""

    def __init__(self):
        self._before = []  # (parameter, gradient sample, weight sample, stride)
        self._updates = {}  # parameter: u_{t-1} of its sample

    def has(self, parameter):
        """Whether the update of the step before is there."""
        return parameter in self._updates

    def read(self, step, columns, cross):
        """Before the step: the cross term with the update before, and the weights as they are."""
        stride = -(-step.weight.numel() // SAMPLE)
        g, w = (_sample(t, stride) for t in (step.gradient, step.weight))
        if cross:
            columns.queue(Statistic.CROSS, step.parameter.layer.index, stride * (g * self._updates[step.parameter]).sum())
        self._before.append((step.parameter, g, w, stride))

    def complete(self, columns, keep):
        """After the step: adds OWN and UPDATE_SQ. `keep`: the next step will want the update."""
        self._updates = {}
        for parameter, g, w, stride in self._before:
            u = w - _sample(parameter.local, stride)
            columns.queue(Statistic.OWN, parameter.layer.index, stride * (g * u).sum())
            columns.queue(Statistic.UPDATE_SQ, parameter.layer.index, stride * u.square().sum())
            if keep:
                self._updates[parameter] = u
        self._before = []

    @property
    def waiting(self):
        """Whether `complete` has something to do."""
        return bool(self._before)

    def clear(self):
        """The step was not made, or is not the first of a pair."""
        self._before, self._updates = [], {}


def _sample(tensor, stride):
    return tensor.reshape(-1)[::stride].to(torch.float64, copy=True)

