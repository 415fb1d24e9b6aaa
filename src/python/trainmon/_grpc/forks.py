"""grpc 1.51 to 1.57 stop a process that forks until all threads of theirs are idle, which with a stream open they never are: a data loader that forks its workers would hang
the training (github.com/grpc/grpc/issues/31885). With these versions connections are closed before a fork, and made again a while after the last one."""

import os
import time
import weakref

import grpc

# Threads that grpc waits for.
_THREAD = "event_engine"
_LONGEST_WAIT = 3.0
_REST = 5.0

_transports = weakref.WeakSet()


def affected(version):
    """Whether that grpc waits."""
    try:
        major, minor = (int(part) for part in version.split(".")[:2])
    except ValueError:
        return False
    return (1, 51) <= (major, minor) <= (1, 57)


def follow(transport):
    """`transport.rest(seconds)` is called before each fork."""
    _transports.add(transport)


def _before_fork():
    living = [transport for transport in list(_transports) if transport.rest(_REST)]
    end = time.monotonic() + _LONGEST_WAIT
    while living and _working() and time.monotonic() < end:
        time.sleep(0.01)


def _working():
    try:
        for thread in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{thread}/comm", encoding="utf-8") as file:
                if file.read().startswith(_THREAD):
                    return True
    except OSError:
        pass  # it ended meanwhile, or there is no /proc
    return False


if hasattr(os, "register_at_fork") and affected(grpc.__version__):
    os.register_at_fork(before=_before_fork)
