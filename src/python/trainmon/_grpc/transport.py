"""Carries reports to a server over gRPC, whatever becomes of the connection: frames are kept until they are durable there, and sent again after a reconnect. What is left at the end waits on disk
for the next process of the run, which sends it first, as the attempt that it was."""

import os
import threading
import time

from .._report import StepReport
from .._transport import Transport
from . import encoding, forks, places
from .backlog import Backlog
from .deliverer import Deliverer
from .spill import SpillStore


class GrpcTransport(Transport):
    """A backlog and the thread that brings it to the server."""

    def __init__(self, settings, speaker):
        self._settings, self._speaker = settings, speaker
        self._identity = self._observer = self._deliverer = self._thread = None
        self._backlog = Backlog(settings.memory_bytes // 2, self._make_spill if settings.spill_bytes else None, speaker, lambda *values: encoding.hello_of(self._identity)(*values))

    def open(self, identity, observer):
        self._identity, self._observer = identity, observer
        self._deliverer = Deliverer(self._settings, self._speaker, observer)
        self._thread = threading.Thread(target=self._run, name="trainmon-connection", daemon=True)
        self._thread.start()
        forks.follow(self)

    def rest(self, seconds):
        """Closes the connection; the next is made so much later. False: there was none and will be none."""
        if self._deliverer is not None:
            self._deliverer.rest(seconds)
        return self._thread is not None and self._thread.is_alive()

    def write(self, items):
        steps, size = [], 0
        for item in items:
            if isinstance(item, StepReport):
                weight = 160 + sum(8 + len(c) * c.itemsize for c in item.columns.values())
                if steps and size + weight > self._settings.batch_bytes:
                    self._add(steps)
                    steps, size = [], 0
                steps.append(item)
                size += weight
                continue
            if steps:
                self._add(steps)
                steps, size = [], 0
            self._add([item])
        if steps:
            self._add(steps)

    def tick(self):
        # A process that is killed loses what the last second made, no more.
        if self._deliverer is not None and not self._deliverer.connected:
            self._backlog.spill()

    def close(self, deadline):
        backlog, deliverer = self._backlog, self._deliverer
        backlog.finish()
        with backlog.changed:
            backlog.changed.wait_for(lambda: backlog.delivered or deliverer.ending, max(0.0, deadline - time.monotonic()))
        if not backlog.delivered and not deliverer.ending:
            deliverer.stop()
            left, folder = len(backlog), backlog.close(keep=True)
            where = f"they wait in {folder} for the next process of this run, or for `python -m trainmon flush`" if folder is not None else "they are lost"
            self._speaker.once("left", f"{left} frames could not be delivered to {self._settings.server} before the end; {where}")
        self.abort()

    def abort(self):
        if self._deliverer is not None:
            self._deliverer.stop()
        self._backlog.close()
        if self._identity is not None:
            places.remove_empty(os.path.dirname(places.own(self._settings.spill_folder, self._identity)))
        with self._backlog.changed:
            self._backlog.changed.notify_all()

    def room(self):
        return self.capacity() - self._backlog.bytes

    def capacity(self):
        return self._settings.memory_bytes + (self._settings.spill_bytes if self._backlog.can_spill else 0)

    def _add(self, items):
        self._backlog.append(encoding.encode(self._backlog.newest + 1, items), items[0])

    def _make_spill(self):
        return SpillStore.create(places.own(self._settings.spill_folder, self._identity), self._backlog.hello(0).SerializeToString())

    def _run(self):
        end = self._deliver_left() if self._settings.spill_bytes else None
        if end is None:
            end = self._deliverer.deliver(self._backlog)
        if end is not None and end.refused:
            self._deliverer.stop()
            self._observer.refused(f"the server at {self._settings.server} refuses this run: {end.reason}")
        with self._backlog.changed:
            self._backlog.changed.notify_all()

    def _deliver_left(self):
        """First what earlier processes of the run left, each as its own attempt. None where this process's own may follow."""
        root = self._settings.spill_folder
        for path in places.left_behind(root, self._identity):
            end = deliver_left(path, self._deliverer, self._speaker)
            if end is not None and end.refused and not end.of_frames:
                return end
        if not self._deliverer.ending and places.clear_old(root, self._settings.spill_bytes):
            self._speaker.once("cleared", f"frames of earlier runs that nobody fetched were deleted from {root}: there were more than {self._settings.spill_bytes >> 20} MiB")
        return None


def deliver_left(path, deliverer, speaker):
    """What an earlier process left in a folder: how it ended, None where it could not be, or was stopped."""
    try:
        store = SpillStore.open(path)
        if store is None:
            return None  # a process that still runs holds it
        _, make = encoding.hello_as(store.hello)
    except (OSError, ValueError) as error:
        speaker.once(f"left {path}", f"what an earlier process left in {path} cannot be read ({error}); it stays there")
        return None
    if store.damaged:
        speaker.once(f"damaged {path}", f"what an earlier process left in {path} ends in damage; the frames before it are sent")
    backlog = Backlog.left(store, speaker, make)
    end = None
    try:
        end = deliverer.deliver(backlog)
        if end is not None and end.refused and end.of_frames:
            speaker.once(f"refused {path}", f"the server refused what an earlier process left ({end.reason}); it is kept in {store.set_aside()}")
    finally:
        backlog.close(keep=not backlog.delivered)
        places.remove_empty(os.path.dirname(path))
    return end
