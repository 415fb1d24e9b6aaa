"""One connection: Hello, Welcome, frames as far as the credits go, acks. Ends when the server goes, refuses, or everything is delivered."""

import time

import grpc

from . import encoding
from .details import retry_delay

METHOD = "/trainmon.v1.Ingest/Stream"

# Asking again would get the same answer.
_FINAL = frozenset({
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.OUT_OF_RANGE,
})

# The next attempt may be taken all the same.
_OF_FRAMES = frozenset({grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.OUT_OF_RANGE, grpc.StatusCode.RESOURCE_EXHAUSTED})


class SessionEnd:
    """Why a connection ended: `refused` for good, to be tried again after `wait` seconds, or delivered."""

    def __init__(self, reason="", refused=False, delivered=False, wait=0.0, welcomed=False, of_frames=False, reconnect_to=""):
        self.reason, self.refused, self.delivered, self.wait, self.welcomed = reason, refused, delivered, wait, welcomed
        self.reconnect_to = reconnect_to  # where the server sends us; "": nowhere else
        self.of_frames = of_frames  # what was sent is refused, not who sends it


class Session:
    """Used by the connection's thread; `stop` may be called by any."""

    def __init__(self, channel, token, backlog, observer, clock=time.time_ns):
        self._channel, self._backlog, self._observer, self._clock = channel, backlog, observer, clock
        self._metadata = [("authorization", f"Bearer {token}")] if token else []
        self._next = 0  # 0: no Welcome yet
        self._limit = 0
        self._ended = False
        self._welcomed = False
        self._call = None

    def run(self):
        """Until it ends."""
        stream = self._channel.stream_stream(METHOD, request_serializer=None, response_deserializer=encoding.decode)
        self._call = stream(self._requests(), metadata=self._metadata)
        try:
            for frame in self._call:
                end = self._take(frame)
                if end is not None:
                    return end
                if self._backlog.delivered:
                    return SessionEnd(delivered=True, welcomed=True)
            return SessionEnd("the server ended the stream", welcomed=self._welcomed)
        except grpc.RpcError as error:
            code = error.code()
            text = f"{code.name}: {error.details()}"
            wait = retry_delay(error.trailing_metadata())
            # A limit that passes comes with the time to wait; one that does not (a frame too large) never passes.
            final = code in _FINAL or (code == grpc.StatusCode.RESOURCE_EXHAUSTED and wait is None)
            return SessionEnd(text, refused=final, wait=wait or 0.0, welcomed=self._welcomed, of_frames=final and code in _OF_FRAMES)
        finally:
            self.stop()

    @property
    def welcomed(self):
        """The server has said so, and the stream has not ended."""
        return self._welcomed and not self._ended

    def stop(self):
        """Ends the stream."""
        with self._backlog.changed:
            self._ended = True
            self._backlog.changed.notify_all()
        if self._call is not None:
            self._call.cancel()

    def _take(self, frame):
        kind = frame.WhichOneof("body")
        if kind == "welcome":
            welcome = frame.welcome
            self._welcomed = True
            self._backlog.forget(welcome.durable)
            # What the server lacks and is gone here it takes from Hello (the layer table) or records as a gap.
            self._go_on(max(welcome.resume_after + 1, self._backlog.oldest), welcome.send_limit)
            if welcome.page:
                self._observer.page(welcome.page)
        elif kind == "ack":
            ack = frame.ack
            self._backlog.forget(ack.durable)
            self._go_on(ack.resend_from, ack.send_limit)
        elif kind == "advice":
            self._observer.advice(encoding.read_advice(frame.advice))
        elif kind == "alert":
            self._observer.alert(encoding.read_alert(frame.alert))
        elif kind == "go_away":
            return SessionEnd(frame.go_away.reason, wait=frame.go_away.after_seconds, welcomed=self._welcomed, reconnect_to=frame.go_away.reconnect_to)
        return None

    def _go_on(self, sequence, limit):
        with self._backlog.changed:
            self._next = sequence or self._next
            self._limit = max(self._limit, limit)
            self._backlog.changed.notify_all()

    def _requests(self):
        backlog = self._backlog
        yield encoding.encode_hello(backlog.hello(self._clock()))
        while True:
            with backlog.changed:
                backlog.changed.wait_for(lambda: self._ended or (0 < self._next <= min(self._limit, backlog.newest)))
                if self._ended:
                    return
                data = backlog.get(self._next)
                self._next += 1
            if data is None:  # gone, or unreadable on disk: the next Hello says from where there is more
                self.stop()
                return
            yield data
