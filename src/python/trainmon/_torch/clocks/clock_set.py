"""The opt-in clocks of one run. What goes wrong in them ends the clock, not the monitor."""

import time

from ..ranks import rank
from .canary_reader import CanaryReader
from .sentinel_reader import SentinelReader

_UNKNOWN_INTERVAL = 100


def clocks_of(model, layer_map, options, ranks, sender):
    """The run's clocks, or None."""
    return None if options.canaries is None and options.sentinels is None else ClockSet(model, layer_map, options, rank(), ranks, sender.trouble)


class ClockSet:
    """Canaries and sentinels, either or both."""

    def __init__(self, model, layer_map, options, rank, ranks, say):
        self._say = say
        self._canaries = None if options.canaries is None else CanaryReader(options.canaries, ranks)
        self._sentinels, self._evaluated = None, None
        self._given = False  # the coming step's batch was told
        if options.sentinels is not None:
            if layer_map.sharded:
                say("sentinels", "sentinels are off for this run: parameters are sharded over the ranks")
            else:
                self._sentinels = SentinelReader(model, [p.tensor for p in layer_map.parameters], options.sentinels, _interval(options), rank, ranks)

    @property
    def waiting(self):
        """Whether the coming step has something of the clocks to send."""
        return self._evaluated is not None or (self._canaries is not None and self._canaries.waiting)

    def add(self, ids, outputs, targets, loss):
        """A batch of the coming step, as it was logged; or other values."""
        if self._canaries is None or ids is None:
            return
        self._given = outputs is not None and targets is not None
        try:
            self._canaries.add(ids, outputs, targets, loss)
        except Exception as error:
            self._canaries = None
            self._ended("canaries", error)

    def stepping(self):
        """The coming step begins: nothing more of its batch will be told."""
        if self._canaries is not None and not self._given:
            self._say("canaries missed", "canaries cannot be read without indices, outputs and targets in one call of log before the step")
        self._given = False

    def evaluate(self, step):
        """Looks at the sentinels with the weights before a step, where that is due; seconds it took."""
        self._evaluated = None
        if self._sentinels is None or not self._sentinels.due(step):
            return 0.0
        begin = time.perf_counter()
        try:
            self._evaluated = self._sentinels.read(step)
        except Exception as error:  # the loss is the user's
            self._sentinels = None
            self._ended("sentinels", error)
        return time.perf_counter() - begin

    def take(self, report, numbers):
        """Puts what waits into a report, now or with the numbers."""
        if self._evaluated is not None:
            losses, message = self._evaluated
            numbers.add(losses, lambda values: setattr(report, "sentinels", message(values.tolist())))
            self._evaluated = None
        read = self._canaries.take() if self._canaries is not None else None
        if read is not None:
            sums, finish = read
            numbers.add(sums, lambda values: setattr(report, "canaries", finish(values.tolist())))

    def _ended(self, what, error):
        self._say(what, f"{what} are off for this run: {type(error).__name__}: {error}")


def _interval(options):
    if options.sentinels.interval:
        return options.sentinels.interval
    if options.dataset_size and options.batch_size:
        return max(1, -(-options.dataset_size // options.batch_size))
    return _UNKNOWN_INTERVAL
