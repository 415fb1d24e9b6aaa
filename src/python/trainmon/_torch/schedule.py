"""Which steps are looked at, so that the monitor keeps to its share of the step time. Intervals are powers of two; the server is told."""

from .._report import Schedule

_FIRST_PAIR, _FIRST_EXACT = 64, 512
_LONGEST = 1 << 16
_MEMORY = 0.2


class Average:
    """A running mean that begins with its first value and counts a pause of the machine at most four times."""

    def __init__(self):
        self.value = None

    def add(self, seconds):
        if self.value is None:
            self.value = seconds
        else:
            self.value += _MEMORY * (min(seconds, 4 * self.value) - self.value)


class StepPlan:
    """What is taken at a step: the cheap set; whether the step before was looked at too (cross terms) and whether the next will be; exact and lag sums."""

    def __init__(self, cheap=False, second=False, first=False, exact=False, lag=False):
        self.cheap, self.second, self.first, self.exact, self.lag = cheap, second, first, exact, lag

    @property
    def capture(self):
        """Layers are hooked into."""
        return self.exact or self.lag


class StepSchedule:
    """`pair_interval` and `exact_interval`: None is adaptive, 0 never (exact)."""

    def __init__(self, budget, pair_interval, exact_interval, exact_possible):
        self._budget = budget
        self._forced_pair, self._forced_exact = pair_interval, exact_interval
        self.pair = pair_interval or _FIRST_PAIR
        self.exact = (0 if not exact_possible else exact_interval if exact_interval is not None else max(_FIRST_EXACT, self.pair))
        self._whole, self._cheap, self._dear = Average(), Average(), Average()
        self._second_due = None
        self.thinning = 1

    def message(self):
        """For the stream."""
        return Schedule(self.pair, self.exact, 0, self._budget, self._forced_pair is None or (self._forced_exact is None and self.exact > 0))

    def plan(self, step):
        """What step `step` takes. Asked once a step, in order."""
        pair = self.pair * self.thinning
        second = self._second_due == step
        first = step % pair == 0 or pair == 1
        exact_first = self.exact > 0 and first and (step // pair) % max(1, self.exact // self.pair) == 0
        exact_second = self.exact > 0 and second and ((step - 1) // pair) % max(1, self.exact // self.pair) == 0
        self._second_due = step + 1 if first else None
        return StepPlan(first or second, second, first, exact_first, exact_second)

    def break_pair(self):
        """The step before cannot be the first of a pair."""
        self._second_due = None

    def record(self, plan, whole, cheap_seconds, dear_seconds):
        """Takes what a step cost. True: the intervals have changed."""
        self._whole.add(max(whole, 1e-7))
        if plan.cheap:
            self._cheap.add(cheap_seconds)
        if plan.capture:
            self._dear.add(dear_seconds)
        before = (self.pair, self.exact)
        share = 0.5 * self._budget * self._whole.value
        if self._forced_pair is None and self._cheap.value is not None:
            self.pair = _power_above(2 * self._cheap.value / share)
        if self._forced_exact is None and self.exact and self._dear.value is not None:
            self.exact = max(self.pair, _power_above(2 * self._dear.value / share))
        elif self._forced_exact and self.exact:
            self.exact = max(self.pair, self._forced_exact)
        return before != (self.pair, self.exact)


def _power_above(least):
    power = 1
    while power < least and power < _LONGEST:
        power *= 2
    return power
