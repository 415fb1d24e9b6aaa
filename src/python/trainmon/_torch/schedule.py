"""Which steps are looked at, so that the monitor keeps to its share of the step time: as in the TorchSharp client (docs/design/073), each kind of statistics earns its share
of every step and pays what it took. Intervals are powers of two; the server is told. Steps between two looks ask nothing: the next look is known in advance."""

import math

from .._report import Schedule

_FIRST_PAIR, _FIRST_EXACT = 16, 64
_LONGEST_PAIR, _LONGEST_EXACT = 1 << 14, 1 << 16
_MEMORY = 0.2
NEVER = 1 << 62


class Average:
    """A running mean. The first value is thrown away (it holds what is done once), later ones count at most four times the mean: a pause of the machine is no cost."""

    def __init__(self):
        self.value, self._samples = 0.0, 0

    @property
    def known(self):
        return self._samples > 1

    def add(self, seconds):
        """Returns what it counts for."""
        self._samples += 1
        if self._samples < 3:
            self.value = seconds if self._samples == 2 else 0.0
            return seconds
        counted = min(seconds, 4 * self.value)
        self.value += _MEMORY * (counted - self.value)
        return counted


class StepPlan:
    """What is taken at a step: the cheap set; whether the step before was looked at too (cross terms) and whether the next will be; exact and lag sums."""

    def __init__(self, cheap=False, second=False, first=False, exact=False, lag=False):
        self.cheap, self.second, self.first, self.exact, self.lag = cheap, second, first, exact, lag
        self.capture = exact or lag  # layers are hooked into


QUIET = StepPlan()


class StepSchedule:
    """`pair_interval` and `exact_interval`: None is adaptive, 0 never (exact)."""

    def __init__(self, budget, pair_interval, exact_interval, exact_possible):
        self._budget = budget
        self._forced_pair = pair_interval
        self._forced_exact = exact_interval if exact_possible else 0
        self.pair = pair_interval or _FIRST_PAIR
        self.exact = self._forced_exact if self._forced_exact is not None else max(_FIRST_EXACT, self.pair)
        self._whole, self._cheap, self._dear = Average(), Average(), Average()
        self._debt = [0.0, 0.0]  # seconds taken beyond what was earned: cheap pairs, exact and lag sums
        self._earned_to = 0
        self._last = QUIET
        self.thinning = 1

    def message(self):
        """For the stream."""
        return Schedule(self.pair, self.exact, 0, self._budget, self._forced_pair is None or self._forced_exact is None)

    def next_look(self, step):
        """The first step from this one on that is looked at."""
        pair = self.pair * self.thinning
        if self._last.first:
            return step
        if self._forced_pair is None and self._debt[0] > 0 and self._whole.known:
            step = max(step, self._earned_to + math.ceil(min(self._debt[0] / self._share(), _LONGEST_EXACT)))
        return -(-step // pair) * pair

    def plan(self, step):
        """What step `step` takes, which `next_look` named. Asked once a look, in order."""
        pair = self.pair * self.thinning
        self._earn(step)
        second = self._last.first
        first = step % pair == 0 and (self._forced_pair is not None or self._debt[0] <= 0 or not second)
        exact = self.exact > 0 and first and (self.exact < pair or step % self.exact < pair) and (self._forced_exact is not None or self._debt[1] <= 0)
        self._last = StepPlan(True, second, first, exact, second and self._last.exact)
        return self._last

    def break_pair(self):
        """The step before cannot be the first of a pair."""
        self._last = QUIET

    def record(self, plan, step, whole, cheap_seconds, dear_seconds):
        """Takes what a look cost, and how long the step took beside it (None: not known). True: the intervals have changed."""
        if whole is not None:
            if not plan.capture:
                self._whole.add(max(whole, 1e-7))
            elif self._whole.known:  # capturing costs time inside the user's own passes
                dear_seconds += max(0.0, min(whole, 4 * self._whole.value) - self._whole.value)
        self._earn(step)
        self._debt[0] += self._cheap.add(cheap_seconds)
        if plan.capture:
            self._debt[1] += self._dear.add(dear_seconds)
        if not self._whole.known or not self._cheap.known:
            return False
        before, share = (self.pair, self.exact), self._share()
        if self._forced_pair is None:
            one = self._cheap.value
            self.pair = _next(self.pair, one / share if one <= share else 2 * one / share, _LONGEST_PAIR)
        if self._forced_exact is None:
            # A sample is exact sums at one step and lag sums at the next.
            self.exact = max(self.pair, _next(self.exact, 2 * self._dear.value / share, _LONGEST_EXACT) if self._dear.known else self.exact)
        return before != (self.pair, self.exact)

    def charge(self, seconds):
        """Time that a device spent on a look besides what its launching took here: paid for before the next pair is taken."""
        self._debt[0] += max(0.0, seconds - self._cheap.value)

    @property
    def gap_seconds(self):
        """Between two looks, at the measured step time."""
        return self.pair * self.thinning * self._whole.value + (max(0.0, self._debt[0]) / self._budget if self._forced_pair is None else 0.0)

    def _share(self):
        # What is taken apart has half of the budget; all of it goes to the pairs where nothing is.
        # Before a step time is known nothing is earned.
        return max(1e-12, self._budget * self._whole.value * (1.0 if self._forced_exact == 0 else 0.5))

    def _earn(self, step):
        earned = max(0, step - self._earned_to) * self._share()
        self._earned_to = max(step, self._earned_to)
        for kind, average, samples in ((0, self._cheap, 2), (1, self._dear, 2)):
            debt = self._debt[kind]
            # At most the cost of one sample is put by, so that long quiet ends in no burst.
            self._debt[kind] = max(debt - earned, min(debt, -samples * average.value))


def _next(now, wanted, largest):
    up = _power(wanted, largest)
    return up if up > now else min(now, _power(1.25 * wanted, largest))


def _power(least, largest):
    power = 1
    while power < least and power < largest:
        power *= 2
    return power
