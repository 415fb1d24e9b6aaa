"""The smallest factor c of an update at which the loss is no longer below that before it: L(w - c u) = L(w) (arXiv:2601.16979). With f(c) = (L(w - c u) - L(w))/c, a line in c where
the loss is a quadratic, the root comes by the secant through a bracket found by doubling or halving."""

import math

_MOST, _TOLERANCE = 12, 0.01


def critical_factor(loss):
    """(c, evaluations, converged); c is NaN where no end was found or the update does not go down at all. `loss` is called with 0 first."""
    start = loss(0.0)
    low = high = None  # (c, f)
    c = 1.0
    for evaluations in range(2, _MOST + 1):
        f = (loss(c) - start) / c
        if f <= 0:
            low = (c, f)
        else:
            high = (c, f)  # no number too: past the end
        following = _next(low, high)
        if low is not None and high is not None and abs(following - c) <= _TOLERANCE * c:
            return following, evaluations, True
        c = following
    return (c if low is not None and high is not None else math.nan), _MOST, False


def _next(low, high):
    if high is None:
        return 2 * low[0]
    if low is None:
        return high[0] / 2
    if not math.isfinite(high[1]):
        return (low[0] + high[0]) / 2
    return low[0] - low[1] * (high[0] - low[0]) / (high[1] - low[1])
