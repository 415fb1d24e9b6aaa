"""Frames that are made and not durable yet, in order. A frame's bytes are fixed when it is made, so that a resend is the same bytes."""

import collections
import threading

from .._report import LayerTable, RunDescription


class Backlog:
    """Written by the sender's thread, read by the connection's. `changed` is told of every change."""

    def __init__(self):
        self.changed = threading.Condition()
        self.bytes = 0
        self.newest = 0
        self.complete = False  # the goodbye is in it
        self.table = None  # newest layer table among the frames that are gone
        self.description = None  # likewise
        self._frames = collections.deque()  # (sequence, bytes, what a server without them must be told)

    def __len__(self):
        return len(self._frames)

    @property
    def oldest(self):
        """Sequence of the oldest frame that can still be sent."""
        with self.changed:
            return self._frames[0][0] if self._frames else self.newest + 1

    def append(self, data, item=None):
        """Adds the next frame."""
        with self.changed:
            self.newest += 1
            self._frames.append((self.newest, data, item if isinstance(item, (LayerTable, RunDescription)) else None))
            self.bytes += len(data)
            self.changed.notify_all()

    def forget(self, durable):
        """The server keeps everything up to here."""
        with self.changed:
            while self._frames and self._frames[0][0] <= durable:
                _, data, item = self._frames.popleft()
                self.bytes -= len(data)
                if isinstance(item, LayerTable):
                    self.table = item
                elif isinstance(item, RunDescription):
                    self.description = item
            self.changed.notify_all()

    def finish(self):
        """Nothing will come after what is here."""
        with self.changed:
            self.complete = True
            self.changed.notify_all()

    @property
    def delivered(self):
        """All of it is durable."""
        return self.complete and not self._frames

    def get(self, sequence):
        """Bytes of a frame, or None where it is not there."""
        with self.changed:
            if not self._frames or not self._frames[0][0] <= sequence <= self.newest:
                return None
            return self._frames[sequence - self._frames[0][0]][1]
