"""When each example was last in a batch, for the regression of the cross term: z = beta^(L-1), L the steps since then."""

import math

from .._report import LagSums

_NEGLIGIBLE = 1e-10
_LEAST_MOMENTUM = 0.95
_LEAST_ENTRIES = 1024


class LagTracker:
    """Remembers examples until their z is negligible."""

    def __init__(self, momentum):
        self._momentum = momentum
        self._last = {}
        self._full = _LEAST_ENTRIES

    def lags(self, ids, step):
        """z of each example of the batch; 0 for one never seen."""
        beta, last = self._momentum(), self._last
        return [beta ** (step - last[i] - 1) if i in last and last[i] < step else 0.0 for i in ids]

    def remember(self, ids, step):
        """After `lags` of the same step."""
        last = self._last
        for i in ids:
            last[i] = step
        if len(last) > self._full:
            self._forget(step)

    def _forget(self, step):
        beta = max(_LEAST_MOMENTUM, self._momentum())
        horizon = math.log(_NEGLIGIBLE) / math.log(beta) if beta < 1 else math.inf
        self._last = {i: seen for i, seen in self._last.items() if step - seen <= horizon}
        self._full = max(_LEAST_ENTRIES, 2 * len(self._last))


def lag_sums(cross, z):
    """The sums of the regression over one batch."""
    return LagSums(len(cross), sum(cross), sum(z), sum(c * s for c, s in zip(cross, z)), sum(s * s for s in z), sum(c * c for c in cross))
