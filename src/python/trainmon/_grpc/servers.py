"""The nodes that the user named. Runs begin at different ones, the ranks of a run at the same, so that nobody has to spread them."""

import zlib

from .._settings import is_safe


class Servers:
    """The address of the next connection."""

    def __init__(self, settings):
        self._settings = settings
        self._named = (settings.server, *settings.other_servers)
        self._index = zlib.crc32(settings.run_id.encode()) % len(self._named)
        self.current = self._named[self._index]

    def after(self, end):
        """Where to go after a connection that ended so: where the server says, if a token is as safe there, else to the next that the user named."""
        recommended = end.reconnect_to
        if recommended and (self._settings.token is None or self._settings.allow_plain_token or is_safe(recommended)):
            self.current = recommended
        else:
            self._index = (self._index + 1) % len(self._named)
            self.current = self._named[self._index]
