"""What carries reports away: gRPC to a server, or a local relay. All methods but `room` are called on the sender's one thread."""

from abc import ABC, abstractmethod


class Observer:
    """What a transport tells. Calls come from background threads and must not block."""

    def __init__(self, on_alert, on_advice, on_refused, on_page, on_detach=lambda: None):
        self.alert = on_alert  # an Alert
        self.advice = on_advice  # an Advice
        self.refused = on_refused  # a reason in words: never again in this process
        self.page = on_page  # the run's web page
        self.detach = on_detach  # take the monitor off this process


class Transport(ABC):
    """One way to the server."""

    @abstractmethod
    def open(self, identity, observer):
        """Begins; must not block on the network."""

    @abstractmethod
    def write(self, items):
        """Takes messages in order."""

    @abstractmethod
    def tick(self):
        """About once a second: whatever bounds loss by time."""

    @abstractmethod
    def close(self, deadline):
        """Everything was written: deliver it until the deadline (time.monotonic), keep what is left where the next start finds it."""

    @abstractmethod
    def abort(self):
        """Let go of everything at once, after a refusal or a fault."""

    @abstractmethod
    def room(self):
        """Bytes that can still be taken."""

    @abstractmethod
    def capacity(self):
        """Bytes that could be taken if all were delivered."""
