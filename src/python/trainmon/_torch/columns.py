"""The columns of one look: sums that are known at once, and sums that are on their way."""

import math
from array import array

import torch

from .._enums import Statistic
from .layers import NOT_ADDITIVE


class Columns:
    """A value a layer for each statistic, in `values`: an array('d') by statistic."""

    def __init__(self, count):
        self.values = {}
        self.count, self._later = count, []
        self._stale = [0] * count  # elements behind RMS_STALENESS

    def put(self, statistic, index, value):
        """Adds a number to a layer's."""
        column = self.values.get(statistic)
        if column is None:
            column = self.values[statistic] = array("d", bytes(8 * self.count))
        column[index] += value

    def queue(self, statistic, index, value):
        """Adds a tensor of one number, wherever it lies, when it is there."""
        self._later.append((statistic, index, value.reshape(()).to(torch.float64)))

    def staleness(self, index, elements):
        """So many elements are behind the sum of g^2/v that a layer was given as its staleness."""
        self._stale[index] += elements

    def read(self, numbers):
        """Everything that was queued goes along with these numbers."""
        if self._later:
            places = [(statistic, index) for statistic, index, _ in self._later]
            numbers.add(_together([value for _, _, value in self._later]), lambda values: self._arrived(places, values))
            self._later = []

    def finish(self, sharded):
        """All is there: sums become what they stand for."""
        if sharded:
            for statistic in NOT_ADDITIVE:
                self.values.pop(statistic, None)
        stale = self.values.get(Statistic.RMS_STALENESS)
        if stale is not None:
            for index, total in enumerate(stale):
                stale[index] = math.sqrt(total / self._stale[index]) if self._stale[index] else math.nan

    def _arrived(self, places, values):
        for (statistic, index), value in zip(places, values.tolist()):
            self.put(statistic, index, value)


def _together(values):
    """One tensor; a model may lie on several devices."""
    first = values[0].device
    return torch.stack([value if value.device == first else value.to(first, non_blocking=True) for value in values])
