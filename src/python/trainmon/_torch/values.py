"""Values that the user logs: of the step that was made last if it has no loss yet, else of the coming one; a user may log before or after the step."""

import weakref

from .._report import LogScalars
from .describe import VALUES
from .readout import Numbers, number

# Counted for every step; all other values are wanted only where the step is looked at.
ALWAYS = frozenset(VALUES) - {"held_out_loss", "held_out_accuracy"}


class ValueSet:
    """What waits for the coming step (`coming`), and what the report that waits still lacks (`wants_loss`)."""

    def __init__(self, options, optimizer, outbox, readout, send):
        self._options, self._optimizer, self._outbox, self._readout, self._send = options, weakref.ref(optimizer), outbox, readout, send
        self.coming = {}
        self.wants_loss = False  # the report that waits was looked at and has no loss yet
        self._logs_after = False  # the user logs a step's loss after it

    def follow(self, before):
        """Takes over what waits in a set before this one."""
        self.coming, self._logs_after = before.coming, before._logs_after

    def idle(self, values):
        """Whether nobody wants these at a step that is not looked at."""
        return not self.wants_loss and ALWAYS.issuperset(values)

    def log(self, values, step, pending):
        """`pending`: the entry of the step that was made last, or None."""
        own = {name: number(value) for name, value in values.items() if name not in VALUES and value is not None}
        known = {name: number(value) for name, value in values.items() if name in VALUES and value is not None}
        if own:
            self._log_own(own, step)
        if not known:
            return
        # Clipping comes before its step, and so does what follows something that did.
        coming = "clip_coefficient" in known or bool(self.coming)
        if pending is not None and not coming and ("loss" not in known or self.wants_loss):
            self._logs_after |= "loss" in known
            self.wants_loss &= "loss" not in known
            numbers = Numbers()
            _put(pending.report.values, known, numbers)
            if numbers.tensors:
                self._outbox.read(pending, numbers)
        elif not (self._logs_after and "loss" in known):  # else it is of the step before, which was not looked at
            self.coming.update(known)

    def apply(self, values, numbers, looked, samples):
        """Puts what waits for this step into its report, now or with the numbers."""
        self.wants_loss = looked and "loss" not in self.coming
        _put(values, {"learning_rate": number(self._optimizer().param_groups[0]["lr"]), **self.coming}, numbers)
        self.coming = {}
        if samples:
            values.samples = float(samples)
            if self._options.dataset_size:
                values.epoch = samples / self._options.dataset_size

    def _log_own(self, own, step):
        item = LogScalars(step, {name: value for name, value in own.items() if isinstance(value, float)})
        numbers = Numbers()
        for name, value in own.items():
            if not isinstance(value, float):
                numbers.add(value, lambda told, name=name: item.scalars.__setitem__(name, float(told[0])))
        if not numbers.tensors:
            self._send(item)
        elif not self._readout.full:
            self._readout.start(numbers, lambda _: self._send(item))


def _put(values, given, numbers):
    for name, value in given.items():
        if isinstance(value, float):
            setattr(values, name, value)
        else:
            numbers.add(value, lambda told, name=name: setattr(values, name, float(told[0])))
