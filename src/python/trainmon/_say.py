"""Says each distinct trouble once, and once when it is over."""

import logging
import threading

LOGGER = logging.getLogger("trainmon")


def _ensure_handler():
    # A line that nobody configured logging for must still be seen; whoever configured it decides.
    if not LOGGER.handlers and not logging.getLogger().handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("training monitor: %(message)s"))
        LOGGER.addHandler(handler)
        LOGGER.setLevel(logging.INFO)
        LOGGER.propagate = False


class Speaker:
    """Where the monitor speaks to the user: logging, or a function of the user's own."""

    def __init__(self, say=None):
        self._say = say
        self._said = set()
        self._lock = threading.Lock()

    def once(self, trouble, sentence):
        """Says the sentence unless this kind of trouble was said before."""
        with self._lock:
            if trouble in self._said:
                return
            self._said.add(trouble)
        self._out(sentence)

    def over(self, trouble, sentence):
        """The trouble is over: says so if it was said, and lets it be said again."""
        with self._lock:
            if trouble not in self._said:
                return
            self._said.discard(trouble)
        self._out(sentence)

    def _out(self, sentence):
        try:
            if self._say is not None:
                self._say(sentence)
            else:
                _ensure_handler()
                LOGGER.warning(sentence)
        except Exception:  # the user's own function or handler: nobody can be told, and training must go on
            self._say = _nothing


def _nothing(_sentence):
    pass
