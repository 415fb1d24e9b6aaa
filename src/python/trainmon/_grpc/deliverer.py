"""Brings a backlog to the server, connection after connection, until it is durable there or refused."""

import os
import threading
import time
from dataclasses import replace
from urllib.parse import urlsplit

import grpc

from .servers import Servers
from .session import Session, SessionEnd
from .tls import credentials, explain
from .token import token_for

_FIRST_WAIT = 0.1
_LONGEST_WAIT = 10.0
_OPTIONS = [("grpc.max_receive_message_length", 16 << 20), ("grpc.max_send_message_length", 64 << 20), ("grpc.keepalive_time_ms", 20_000)]


class Deliverer:
    """`deliver` runs on one thread; the others may be called by any."""

    def __init__(self, settings, speaker, observer, meanwhile="training goes on, reports wait for it"):
        self._settings, self._speaker, self._observer, self._meanwhile = settings, speaker, observer, meanwhile
        self._servers = Servers(settings)
        self._ending = threading.Event()
        self._rest_until = 0.0
        self._session = None

    @property
    def ending(self):
        """Nothing more is to be delivered."""
        return self._ending.is_set()

    @property
    def connected(self):
        """A stream is open and welcome."""
        session = self._session
        return session is not None and session.welcomed

    def stop(self):
        """Ends the connection and the wait for the next."""
        self._ending.set()
        self._close()

    def rest(self, seconds):
        """Closes the connection; the next is made so much later."""
        self._rest_until = time.monotonic() + seconds
        self._close()

    def deliver(self, backlog):
        """How it ended: delivered or refused; None where there is to be no more of it."""
        wait = _FIRST_WAIT
        while not self.ending and not backlog.delivered:
            if self._resting(backlog):
                continue
            end = self._connect(backlog)
            if self._rest_until > time.monotonic() and end is not None and not end.refused:
                continue
            if end is None or end.delivered or end.refused:
                return end
            if end.welcomed:
                wait = _FIRST_WAIT
            else:
                self._speaker.once("away", f"no monitor at {self._servers.current} ({end.reason}); {self._meanwhile}")
            self._servers.after(end)
            self._ending.wait(max(wait, end.wait))
            wait = min(2 * wait, _LONGEST_WAIT)
        return SessionEnd(delivered=True, welcomed=True) if backlog.delivered else None

    def _close(self):
        session = self._session
        if session is not None:
            session.stop()

    def _resting(self, backlog):
        left = self._rest_until - time.monotonic()
        return left > 0 and not backlog.complete and not self._ending.wait(min(left, 0.1))

    def _connect(self, backlog):
        settings = replace(self._settings, server=self._servers.current)
        address = urlsplit(settings.server)
        target = f"{address.hostname}:{address.port or (443 if address.scheme == 'https' else 80)}"
        try:
            channel = grpc.secure_channel(target, credentials(settings), _OPTIONS) if address.scheme == "https" else grpc.insecure_channel(target, _OPTIONS)
            with channel:
                self._session = Session(channel, token_for(settings.server, settings.token, os.environ), backlog, self._observer)
                try:
                    end = self._session.run()
                finally:
                    self._session = None
            if not end.welcomed and address.scheme == "https":
                end.reason = explain(settings, end.reason)
            return end
        except OSError as error:
            return SessionEnd(str(error))  # a certificate that is being renewed, perhaps: its file is read again with the next connection
        except Exception as error:
            self._speaker.once("connection", f"a fault in the connection, the monitor is off and training goes on: {type(error).__name__}: {error}")
            return SessionEnd("its connection failed", refused=True)
