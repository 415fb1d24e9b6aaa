"""When each example was last in a batch, for the regression of the cross term: z = beta^(L-1), L the steps since then. Batches are kept as they come and looked into only where
a lag sum is due; those whose z would be negligible are forgotten."""

import collections
import math

from .._report import LagSums

_NEGLIGIBLE = 1e-10
_SHORTEST, _LONGEST = 2, 1024


class LagTracker:
    """The example ids of the last batches."""

    def __init__(self, momentum):
        self._momentum = momentum
        self.horizon = _horizon(momentum())  # steps after which an example is forgotten
        self._batches = collections.deque(maxlen=self.horizon)

    def remember(self, ids, step):
        """The batch of a step, as the user gave it. Copied where it could change."""
        self._batches.append((step, ids if isinstance(ids, (range, tuple)) else list(ids) if isinstance(ids, list) else _copy(ids)))

    @property
    def given(self):
        """Whether there ever was a batch."""
        return bool(self._batches)

    def at(self, step):
        """What is known at a step of when its examples were seen before, or None: a function that gives z of each, 0 for one not seen, or so long ago that z is negligible. It reads the indices, which
        may still be on their way from a device."""
        if not self._batches or self._batches[-1][0] != step:
            return None
        beta, batches = self._momentum(), list(self._batches)
        return lambda: _z(as_list(batches[-1][1]), [batch for batch in reversed(batches) if batch[0] < step], step, beta)


def _z(ids, batches, step, beta):
    wanted, last = set(ids), {}
    for seen, batch in batches:
        for found in wanted.intersection(as_list(batch)):
            last[found] = seen
        wanted.difference_update(last)
        if not wanted:
            break
    return [beta ** (step - last[i] - 1) if i in last else 0.0 for i in ids]


def as_list(ids):
    """Whole numbers of Python, whatever holds them."""
    if hasattr(ids, "tolist"):  # a tensor or an array
        return ids.reshape(-1).tolist()
    return ids if isinstance(ids, list) and ids and type(ids[0]) is int else [int(i) for i in ids]


def _copy(ids):
    if hasattr(ids, "clone"):
        return ids.detach().clone() if ids.device.type != "cuda" else _pinned(ids.detach())
    return ids.copy() if hasattr(ids, "copy") else list(ids)


def _pinned(ids):
    import torch

    return torch.empty(ids.shape, dtype=ids.dtype, pin_memory=True).copy_(ids, non_blocking=True)


def _horizon(beta):
    if beta <= 0:
        return _SHORTEST
    return _LONGEST if beta >= 1 else max(_SHORTEST, min(_LONGEST, int(math.log(_NEGLIGIBLE) / math.log(beta)) + 1))


def lag_sums(cross, z):
    """The sums of the regression over one batch."""
    return LagSums(len(cross), sum(cross), sum(z), sum(c * s for c, s in zip(cross, z)), sum(s * s for s in z), sum(c * c for c in cross))
