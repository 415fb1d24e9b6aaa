"""Delivers what processes that have ended left on disk, of whatever run."""

import threading

from .._say import Speaker
from .._transport import Observer
from . import encoding, places
from .deliverer import Deliverer
from .spill import SpillStore
from .transport import deliver_left


def flush(folder, settings, seconds, say):
    """Says a line for each spill below a folder; True where nothing is left. `seconds`: the longest time for all."""
    found = places.every(folder)
    if not found:
        say(f"nothing waits in {folder}")
        return True
    deliverer = Deliverer(settings, Speaker(say), Observer(_ignore, _ignore, _ignore, _ignore), "it is asked again for a while")
    clock = threading.Timer(seconds, deliverer.stop)
    clock.daemon = True
    clock.start()
    whole = True
    for path in found:
        name, frames = _look(path)
        end = deliver_left(path, deliverer, Speaker(say)) if name else None
        if end is not None and end.delivered:
            say(f"{name}: {frames} frames delivered")
        else:
            whole = False
            say(f"{name or path}: " + (f"refused: {end.reason}" if end is not None else f"not delivered to {settings.server}; it stays in {path}" if name else "a process still writes there, or it cannot be read"))
    clock.cancel()
    return whole


def _look(path):
    try:
        store = SpillStore.open(path)
        if store is None:
            return None, 0
        try:
            hello, _ = encoding.hello_as(store.hello)
            return f"run {hello.run_id}, rank {hello.rank}", store.last + 1 - store.first if store.first else 0
        finally:
            store.close(keep=True)
    except (OSError, ValueError):
        return None, 0


def _ignore(_told):
    pass
