"""Reports that are not complete yet: numbers of theirs are on their way, or the newest may still be given values. They leave in the order of their steps."""

import collections


class Entry:
    """One report."""

    def __init__(self, report):
        self.report = report
        self.open = True  # it may still be given values
        self.missing = 0  # readouts on their way
        self.finish = None  # a last function before it leaves


class Outbox:
    """`send` takes complete reports. `spent(seconds)` is told what the device took for a report's numbers."""

    def __init__(self, send, readout, spent):
        self._send, self._readout, self._spent = send, readout, spent
        self._entries = collections.deque()

    def open(self, report):
        """A new entry; the one before is closed."""
        self.close()
        entry = Entry(report)
        self._entries.append(entry)
        return entry

    def read(self, entry, numbers):
        """Numbers of a report."""
        entry.missing += 1
        self._readout.start(numbers, lambda seconds: self._arrived(entry, seconds))

    def close(self):
        """The newest gets no more values."""
        if self._entries:
            self._entries[-1].open = False
            self._leave()

    def _arrived(self, entry, seconds):
        entry.missing -= 1
        if seconds:
            self._spent(seconds)
        self._leave()

    def _leave(self):
        while self._entries and not self._entries[0].open and not self._entries[0].missing:
            entry = self._entries.popleft()
            if entry.finish is not None:
                entry.finish(entry.report)
            self._send(entry.report)
