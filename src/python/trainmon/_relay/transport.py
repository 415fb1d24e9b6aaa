"""Carries reports to a local relay (`trainmon agent`) over a Unix socket. The relay buffers, spills and speaks gRPC; this side only writes."""

import os
import select
import socket
import time

from .._transport import Transport
from . import messages
from .frames import FrameError, FrameReader, VERSION

_CONNECT_SECONDS = 5.0

# Written and not yet taken by the relay; beyond it the intake thins.
_MOST_PENDING = 8 << 20

# Written at once.
_PIECE = 1 << 16


class RelayTransport(Transport):
    """A socket, bytes that it has not taken yet, and what the relay says."""

    def __init__(self, path, secret):
        self._path = path
        self._secret = secret
        self._socket = None
        self._observer = None
        self._reader = FrameReader()
        self._pending = bytearray()
        self._delivered = False
        self._factor = 1

    def open(self, identity, observer):
        self._observer = observer
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(_CONNECT_SECONDS)
        self._socket.connect(self._path)
        self._socket.setblocking(False)
        self._pending += messages.hello(identity, self._secret)
        self._pump(0)

    def write(self, items):
        for item in items:
            self._pending += messages.message(item)
        self._pump(0)

    def tick(self):
        self._pump(0)

    def close(self, deadline):
        while self._socket is not None and not self._delivered and time.monotonic() < deadline:
            self._pump(min(0.05, max(0.0, deadline - time.monotonic())))
        self.abort()

    def abort(self):
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._pending.clear()

    def room(self):
        return (_MOST_PENDING - len(self._pending)) // self._factor

    def capacity(self):
        return _MOST_PENDING

    def _pump(self, wait):
        """Writes what the socket takes, reads what it has, waits at most so long for either."""
        if self._socket is None:
            return
        try:
            readable, writable, _ = select.select([self._socket], [self._socket] if self._pending else [], [], wait)
            if writable:
                while self._pending:
                    sent = self._socket.send(self._pending[:_PIECE])  # a copy: a view of it would forbid to shorten it where sending fails
                    del self._pending[:sent]
            if readable:
                self._read()
        except BlockingIOError:
            return  # it takes no more now
        except (OSError, FrameError) as error:
            self._lost(f"the relay at {self._path} is gone ({error})")

    def _read(self):
        data = self._socket.recv(1 << 16)
        if not data:
            self._lost(f"the relay at {self._path} closed the connection")
            return
        for header, _body in self._reader.feed(data):
            self._take(header)

    def _take(self, header):
        kind = header["type"]
        if kind == "welcome":
            if header.get("relay_version") != VERSION:
                self._lost(f"the relay speaks version {header.get('relay_version')}, this client {VERSION}")
            elif header.get("page"):
                self._observer.page(header["page"])
        elif kind == "alert":
            self._observer.alert(messages.read_alert(header["alert"]))
        elif kind == "advice":
            self._observer.advice(messages.read_advice(header["advice"]))
        elif kind == "thinning":
            self._factor = max(1, int(header["factor"]))
        elif kind == "off":
            self._lost(str(header.get("reason", "")))
        elif kind == "detach":
            self._observer.detach()
        elif kind == "delivered":
            self._delivered = True

    def _lost(self, reason):
        # A relay is on this machine and outlives the run; without it there is nowhere to go.
        self.abort()
        self._observer.refused(reason)


def place(folder):
    """(path of the socket, secret) of an agent's folder. ValueError: no agent has been there."""
    try:
        with open(os.path.join(folder, "secret"), encoding="utf-8") as file:
            return os.path.join(folder, "relay.sock"), file.read().strip()
    except OSError as error:
        raise ValueError(f"TRAINMON_RELAY is {folder!r}, where no agent listens ({error.strerror})") from None
