"""Frames that are made and not durable yet, in order: the oldest on disk while the server is away, the newest in memory. A frame's bytes are fixed when it is made, so that a
resend is the same bytes."""

import collections
import threading

from .._report import LayerTable, RunDescription



class Backlog:
    """Written by the sender's thread, read by the connection's. `changed` is told of every change. `make_spill` makes the store on disk when it is first needed, and may raise OSError. `hello`: (oldest
    and newest sequence, time, layer table and description that a server without older frames must be told) -> the Hello message."""

    def __init__(self, memory_bytes=1 << 62, make_spill=None, speaker=None, hello=None):
        self.changed = threading.Condition()
        self.newest = 0
        self.complete = False  # the goodbye is in it
        self.table = None  # newest layer table among the frames that are gone
        self.description = None  # likewise
        self._frames = collections.deque()  # (sequence, bytes) in memory
        self._grounds = collections.deque()  # (sequence, what a server without this frame must be told)
        self._memory = 0
        self._durable = self._opened_ns = 0
        self._most, self._make, self._speaker, self._spill = memory_bytes, make_spill, speaker, None
        self._hello = hello
        self._closed = False

    @classmethod
    def left(cls, store, speaker, hello):
        """What an earlier process left on disk."""
        backlog = cls(speaker=speaker, hello=hello)
        backlog._spill, backlog.newest, backlog.complete = store, store.last, True
        backlog._durable = store.first - 1 if store.first else 0
        return backlog

    def hello(self, now_ns):
        """The Hello message of the moment."""
        with self.changed:
            # The server knows by it which of two streams is the newer, also when the clock was set back between them.
            self._opened_ns = max(self._opened_ns + 1, now_ns)
            return self._hello(self._durable + 1, self.newest, self._opened_ns, self.table, self.description)

    def __len__(self):
        return self.newest + 1 - self.oldest

    @property
    def bytes(self):
        """Bytes held, in memory and on disk."""
        spill = self._spill
        return self._memory + (spill.bytes if spill is not None else 0)

    @property
    def can_spill(self):
        """False where there is no disk to go to, or it has refused."""
        return self._make is not None

    @property
    def oldest(self):
        """Sequence of the oldest frame that can still be sent."""
        with self.changed:
            return self._durable + 1

    def append(self, data, item=None):
        """Adds the next frame."""
        with self.changed:
            if self._closed:
                return
            self.newest += 1
            self._frames.append((self.newest, data))
            if isinstance(item, (LayerTable, RunDescription)):
                self._grounds.append((self.newest, item))
            self._memory += len(data)
            if self._memory > self._most:
                self.spill()
            self.changed.notify_all()

    def spill(self):
        """Memory goes to disk, before what comes later. Where the disk refuses, training goes on with what memory holds."""
        with self.changed:
            if not self._frames or self._make is None:
                return
            try:
                if self._spill is None:
                    self._spill = self._make()
                self._spill.append(list(self._frames))
                self._frames.clear()
                self._memory = 0
            except OSError as error:
                self._make = None
                if self._speaker is not None:
                    self._speaker.once("spill", f"the buffer cannot go to disk ({error}); it is limited to memory")

    def forget(self, durable):
        """The server keeps everything up to here, or it is given up."""
        with self.changed:
            self._durable = max(self._durable, min(durable, self.newest))
            while self._frames and self._frames[0][0] <= self._durable:
                self._memory -= len(self._frames.popleft()[1])
            known = self.table, self.description
            while self._grounds and self._grounds[0][0] <= self._durable:
                item = self._grounds.popleft()[1]
                if isinstance(item, LayerTable):
                    self.table = item
                else:
                    self.description = item
            if self._spill is not None:
                try:
                    if known != (self.table, self.description):
                        self._keep()  # before the frames that said it go
                    self._spill.forget(self._durable)
                except OSError as error:
                    if self._speaker is not None:
                        self._speaker.once("spill delete", f"delivered frames cannot be deleted from disk: {error}")
            self.changed.notify_all()

    def finish(self):
        """Nothing will come after what is here."""
        with self.changed:
            self.complete = True
            self.changed.notify_all()

    def close(self, keep=False):
        """Lets go of the disk. `keep`: what is not durable goes there, for the next process; gives the folder, or None where nothing was kept."""
        with self.changed:
            keep = keep and len(self) > 0
            if keep:
                self.spill()
                keep = not self._frames  # else the disk refuses
            self._make, self._closed, spill = None, True, self._spill
            self._spill = None
            if spill is None:
                return None
            spill.close(keep)
            return spill.folder if keep else None

    def _keep(self):
        if self._hello is not None:
            self._spill.keep(self.hello(0).SerializeToString())

    @property
    def delivered(self):
        """All of it is durable."""
        return self.complete and self._durable >= self.newest

    def get(self, sequence):
        """Bytes of a frame, or None where it is not there."""
        with self.changed:
            if self._closed or not self._durable < sequence <= self.newest:
                return None
            if self._frames and sequence >= self._frames[0][0]:
                return self._frames[sequence - self._frames[0][0]][1]
            try:
                data = self._spill.read(sequence) if self._spill is not None else None
            except OSError:
                data = None
            if data is None:
                # A hole is told to the server by the oldest sequence of the next Hello.
                if self._speaker is not None:
                    self._speaker.once("spill read", f"frame {sequence} cannot be read from disk; it is given up")
                self.forget(sequence)
            return data
