"""Where the training thread leaves its reports: a stamp, a size and a place in a list, behind a lock that is never held while working. Bounded."""

import threading
import time

from ._report import Goodbye, LayerTable, LogScalars, RunDescription, StepReport


class Stamps:
    """Time stamps of one rank: the clock, but at least 1 us after the stamp before, so that no two points share a time and a clock set back does no harm."""

    def __init__(self, clock=time.time_ns):
        self._clock = clock
        self._last = 0

    def next(self, wanted=0):
        """`wanted` or, where that is 0, the clock."""
        self._last = max(wanted or self._clock(), self._last + 1000)
        return self._last


class PairGate:
    """Drops reports as whole pairs: the report of step t+1 holds the cross term with the update of step t, half a pair is worth nothing. Decided at the first
    report of a pair; holds for its second unless even the reserve is used up."""

    def __init__(self):
        self.dropped = 0
        self._pair = None
        self._admitted = False
        self._after_gap = False

    def admit(self, step, pair_interval, room, reserve):
        """(take it, the report before was dropped so that the pair with it cannot be used)."""
        pair = step // max(pair_interval, 2)
        if pair != self._pair:
            self._pair, self._admitted = pair, room
        self._admitted = self._admitted and reserve
        broken, self._after_gap = self._after_gap, not self._admitted
        self.dropped += not self._admitted
        return self._admitted, broken


class Intake:
    """Bounded list between the training thread and the sender's."""

    def __init__(self, most_bytes, room, clock=time.time_ns):
        self.arrived = threading.Event()
        self.closed = False
        self.bytes = 0
        self._most = most_bytes
        self._room = room  # bytes free behind this list
        self._lock = threading.Lock()
        self._stamps = Stamps(clock)
        self._pairs = PairGate()
        self._waiting = []
        self._table_version = 0
        self._pair_interval = 0

    @property
    def dropped(self):
        """Steps dropped because a buffer was full."""
        return self._pairs.dropped

    def add_step(self, report: StepReport):
        """Takes a step; False where it was dropped for want of room."""
        size = 160 + sum(8 + len(column) * column.itemsize for column in report.columns.values())
        with self._lock:
            if self.closed:
                return True
            left = min(self._most, self._room()) - self.bytes - size
            admitted, broken = self._pairs.admit(report.step, self._pair_interval, left >= 2 * size, left >= 0)
            if not admitted:
                return False
            report.pair_invalid |= broken
            report.time_unix_ns = self._stamps.next(report.time_unix_ns)
            report.layer_table_version = report.layer_table_version or self._table_version
            self._append(report, size)
            return True

    def add(self, item):
        """Takes anything else. Probes and scalars need room; tables and descriptions are always taken, since what follows cannot be read without them."""
        size = 64 + 64 * len(item.scalars) if isinstance(item, LogScalars) else 128
        with self._lock:
            if self.closed:
                return True
            if isinstance(item, LayerTable):
                item.version = self._table_version = item.version or self._table_version + 1
                size = 64 + sum(32 + len(layer.name) for layer in item.layers)
            elif isinstance(item, RunDescription):
                self._pair_interval = item.schedule.pair_interval if item.schedule else self._pair_interval
                size = 512
            else:
                if min(self._most, self._room()) - self.bytes < size:
                    return False
                item.time_unix_ns = self._stamps.next(item.time_unix_ns)
            self._append(item, size)
            return True

    def close(self, goodbye: Goodbye = None):
        """Takes the goodbye and nothing after it. False where it was closed before."""
        with self._lock:
            if self.closed:
                return False
            if goodbye is not None:
                goodbye.time_unix_ns = self._stamps.next()
                goodbye.steps_thinned = self._pairs.dropped
                self._append(goodbye, 64)
            self.closed = True
            self.arrived.set()
            return True

    def take(self):
        """(what waits, in order; nothing more will come)."""
        with self._lock:
            taken, self._waiting, self.bytes = self._waiting, [], 0
            self.arrived.clear()
            return taken, self.closed

    def _append(self, item, size):
        self._waiting.append(item)
        self.bytes += size
        if len(self._waiting) == 1:
            self.arrived.set()
