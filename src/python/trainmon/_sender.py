"""The one background thread of a monitor: takes what waits in the intake and gives it to a transport. Nothing of it blocks or ends the training thread."""

import atexit
import collections
import math
import os
import sys
import threading
import time
import weakref

from ._enums import EndReason
from ._intake import Intake
from ._report import Goodbye
from ._transport import Observer

_TICK_SECONDS = 1.0
_MOST_CALLBACKS = 1024

_living = weakref.WeakSet()


class Sender:
    """Sends one rank's reports. No method of it blocks on the network or the disk but `finish`, and none raises."""

    def __init__(self, identity, transport, settings, speaker):
        self.on = True
        self.should_stop = False
        self.probe_soon = False
        self.page = ""
        self.on_detach = lambda: None
        self.on_wake = lambda: None  # something is wanted at the next step
        self.on_exit = lambda: None  # the process ends without a `finish`
        self.over = False  # set from wherever the end of the training is noticed
        self.on_over = lambda: None  # on the sender's thread, within a second of it
        self._identity = identity
        self._transport = transport
        self._settings = settings
        self._speaker = speaker
        self._callbacks = CallbackQueue(speaker)
        self._finishing = False
        self._ending = threading.Lock()  # `on_exit` and `on_over` are not called at once
        self._deadline = None
        self._intake = Intake(settings.memory_bytes // 2, transport.room)
        if identity.description.schedule is not None:
            self._intake.add(identity.description)
        self._told = {}
        self._thread = threading.Thread(target=self._work, name="trainmon", daemon=True)
        self._thread.start()
        _living.add(self)
        atexit.register(_at_exit, weakref.ref(self))

    @property
    def thinning(self):
        """1 = every pair is wanted; doubles each time half of what was left of the buffers is used up."""
        free = self._transport.room() / max(self._transport.capacity(), 1)
        return 1 if free > 0.5 else 1 << min(10, int(-math.log2(max(free, 1e-9))))

    @property
    def steps_thinned(self):
        """Steps dropped so far, as whole pairs, because the buffers were full."""
        return self._intake.dropped

    def report(self, report):
        """Queues a step."""
        if self.on and not self._intake.add_step(report):
            self._speaker.once("thinning", "the buffers are full; steps are left out as pairs until there is room")

    def send(self, item):
        """Queues anything else."""
        if self.on and not self._intake.add(item):
            self._speaker.once("full", "the buffers are full; probes and scalars are left out until there is room")

    def trouble(self, kind, sentence):
        """Says it once."""
        self._speaker.once(kind, sentence)

    def add_handler(self, handler):
        """A function that is called with each alert, on a background thread."""
        self._callbacks.add(handler)

    def finish(self, reason, message=""):
        """Says goodbye and waits at most `exit_timeout` for what is left."""
        if not self.on or self._intake.closed:
            self.on = False
            return
        # A tenth of the time is for what the transport does when the time is up.
        self._deadline = time.monotonic() + 0.9 * self._settings.exit_timeout
        self._intake.close(Goodbye(reason, message[:300]))
        self._thread.join(self._settings.exit_timeout)
        self.on = False

    def leave(self, reason, message=""):
        """Says goodbye and waits for nothing: the thread delivers what is left."""
        if self.on and not self._intake.closed:
            self._deadline = time.monotonic() + self._settings.exit_timeout
            self._intake.close(Goodbye(reason, message[:300]))
        self.on = False

    def exit(self):
        """The process ends: what was not said is said, and what was is waited for, at most as long as `finish` would."""
        if self.on:
            with self._ending:
                self.on_exit()
        if self.on:
            failed = getattr(sys, "last_type", None) is not None and not hasattr(sys, "ps1")
            self.finish(*((EndReason.FAILED, f"{sys.last_type.__name__}: {sys.last_value}") if failed else (EndReason.FINISHED,)))
        elif self._deadline is not None:
            self._thread.join(max(0.0, self._deadline - time.monotonic()))

    def stop(self):
        """Off, now: nothing more is taken."""
        self.on = False
        self._intake.close()

    def forked(self):
        """In a forked child: its parent sends. No lock may be touched, whoever held it does not exist here."""
        self.on = False
        self._intake.closed = True

    def _work(self):
        observer = Observer(self._alert, self._advise, self._refused, self._set_page, self._detach)
        try:
            self._transport.open(self._identity, observer)
            self._collect()
        except Exception as error:
            self._speaker.once("fault", f"a fault of the monitor's client, it is off now and training goes on: {type(error).__name__}: {error}")
            self.stop()
            self._transport.abort()
        finally:
            self.on = False
            self._callbacks.close()

    def _collect(self):
        ticked = time.monotonic()
        while True:
            self._intake.arrived.wait(_TICK_SECONDS)
            if self.over:
                with self._ending:
                    if not self._intake.closed:
                        self.on_over()
            if self._intake.bytes < self._settings.batch_bytes and not self._intake.closed:
                time.sleep(self._settings.batch_delay)
            items, closed = self._intake.take()
            if items:
                self._transport.write(items)
            if closed:
                if self._deadline is None:  # refused or stopped: there is nothing to deliver
                    self._transport.abort()
                else:
                    self._transport.close(self._deadline)
                return
            if time.monotonic() - ticked >= _TICK_SECONDS:
                self._transport.tick()
                ticked = time.monotonic()

    def _alert(self, alert):
        # At each welcome the server sends again what is firing. An old ordinal with a newer time comes from a server that began anew.
        ordinal, stamp = self._told.get(alert.id, (0, 0))
        if alert.ordinal > 0 and alert.ordinal <= ordinal and alert.time_unix_ns <= stamp:
            return
        self._told[alert.id] = (alert.ordinal, alert.time_unix_ns)
        self._callbacks.post(alert)

    def _advise(self, advice):
        self.should_stop |= advice.should_stop
        if advice.probe_now:
            self.probe_soon = True
            self.on_wake()

    def _refused(self, reason):
        self._speaker.once("refused", f"{reason}; the monitor is off, training goes on")
        self.stop()

    def _set_page(self, page):
        self.page = page

    def _detach(self):
        self.on_detach()


class CallbackQueue:
    """Runs the user's handlers one after the other on a thread of their own, so that a slow handler delays neither acks nor training. The thread is made
    for the first handler; the oldest calls are dropped when 1024 wait."""

    def __init__(self, speaker):
        self._speaker = speaker
        self._handlers = []
        self._calls = collections.deque(maxlen=_MOST_CALLBACKS)
        self._arrived = threading.Event()
        self._closed = False
        self._thread = None

    def add(self, handler):
        self._handlers.append(handler)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="trainmon-alerts", daemon=True)
            self._thread.start()

    def post(self, alert):
        self._calls.append(alert)
        self._arrived.set()

    def close(self):
        self._closed = True
        self._arrived.set()

    def _run(self):
        while True:
            self._arrived.wait()
            self._arrived.clear()
            while self._calls:
                alert = self._calls.popleft()
                for handler in list(self._handlers):
                    self._call(handler, alert)
            if self._closed:
                return

    def _call(self, handler, alert):
        try:
            handler(alert)
        except Exception as error:  # user code on a thread of ours
            self._speaker.once(f"handler {type(error)}", f"a handler of on_alert failed with {type(error).__name__}: {error}")


def _at_exit(reference):
    sender = reference()
    if sender is not None:
        sender.exit()


def _after_fork():
    for sender in list(_living):
        sender.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
