"""Carries reports to a server over gRPC, whatever becomes of the connection: frames are kept until they are durable there, and sent again after a reconnect."""

import os
import threading
import time
from urllib.parse import urlsplit

import grpc

from .._report import StepReport
from .._transport import Transport
from . import encoding, forks
from .backlog import Backlog
from .session import Session, SessionEnd
from .spill import SpillStore
from .tls import credentials, explain
from .token import token_for

_FIRST_WAIT = 0.1
_LONGEST_WAIT = 10.0
_OPTIONS = [("grpc.max_receive_message_length", 16 << 20), ("grpc.max_send_message_length", 64 << 20), ("grpc.keepalive_time_ms", 20_000)]


class GrpcTransport(Transport):
    """A backlog and the thread that brings it to the server."""

    def __init__(self, settings, speaker):
        self._settings, self._speaker = settings, speaker
        make = (lambda: SpillStore(os.path.join(settings.spill_folder, "python"))) if settings.spill_bytes else None
        self._backlog = Backlog(settings.memory_bytes // 2, make, speaker)
        self._identity = self._observer = self._session = self._thread = None
        self._ending = threading.Event()
        self._rest_until = 0.0

    def open(self, identity, observer):
        self._identity, self._observer = identity, observer
        self._thread = threading.Thread(target=self._run, name="trainmon-connection", daemon=True)
        self._thread.start()
        forks.follow(self)

    def rest(self, seconds):
        """Closes the connection; the next is made so much later. False: there was none and will be none."""
        self._rest_until = time.monotonic() + seconds
        session = self._session
        if session is not None:
            session.stop()
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
        pass  # memory goes to disk when it is full

    def close(self, deadline):
        self._backlog.finish()
        with self._backlog.changed:
            self._backlog.changed.wait_for(lambda: self._backlog.delivered or self._ending.is_set(), max(0.0, deadline - time.monotonic()))
        if not self._backlog.delivered and not self._ending.is_set():
            self._speaker.once("left", f"{len(self._backlog)} frames could not be delivered to {self._settings.server} before the end")
        self.abort()

    def abort(self):
        self._ending.set()
        session = self._session
        if session is not None:
            session.stop()
        self._backlog.close()
        with self._backlog.changed:
            self._backlog.changed.notify_all()

    def room(self):
        return self.capacity() - self._backlog.bytes

    def capacity(self):
        return self._settings.memory_bytes + (self._settings.spill_bytes if self._backlog.can_spill else 0)

    def _add(self, items):
        self._backlog.append(encoding.encode(self._backlog.newest + 1, items), items[0])

    def _run(self):
        wait = _FIRST_WAIT
        while not self._ending.is_set() and not self._backlog.delivered:
            if self._resting():
                continue
            end = self._connect()
            if self._rest_until > time.monotonic() and end is not None and not end.refused:
                continue
            if end is None or end.delivered:
                break
            if end.refused:
                self._ending.set()
                self._observer.refused(f"the server at {self._settings.server} refuses this run: {end.reason}")
                break
            if end.welcomed:
                wait = _FIRST_WAIT
            else:
                self._speaker.once("away", f"no monitor at {self._settings.server} ({end.reason}); training goes on, reports wait for it")
            self._ending.wait(max(wait, end.wait))
            wait = min(2 * wait, _LONGEST_WAIT)
        with self._backlog.changed:
            self._backlog.changed.notify_all()

    def _resting(self):
        left = self._rest_until - time.monotonic()
        return left > 0 and not self._backlog.complete and not self._ending.wait(min(left, 0.1))

    def _connect(self):
        address = urlsplit(self._settings.server)
        target = f"{address.hostname}:{address.port or (443 if address.scheme == 'https' else 80)}"
        try:
            channel = grpc.secure_channel(target, credentials(self._settings), _OPTIONS) if address.scheme == "https" else grpc.insecure_channel(target, _OPTIONS)
            with channel:
                self._session = Session(channel, token_for(self._settings.server, self._settings.token, os.environ), self._identity, self._backlog, self._observer)
                end = self._session.run()
            if not end.welcomed and address.scheme == "https":
                end.reason = explain(self._settings, end.reason)
            return end
        except OSError as error:
            return SessionEnd(str(error))  # a certificate that is being renewed, perhaps: its file is read again with the next connection
        except Exception as error:
            self._speaker.once("connection", f"a fault in the connection, the monitor is off and training goes on: {type(error).__name__}: {error}")
            self._observer.refused("its connection failed")
            return None
