"""The bearer token of a connection: the one that was given, else, for a server on this machine, what its token file holds by then."""

import os
from pathlib import Path

from .._settings import home, is_loopback


def token_for(server, given, environment=os.environ):
    """The token for that server, or None. The file's token is this machine's and goes to no other."""
    if given is not None:
        return given
    if not is_loopback(server):
        return None
    try:
        return _file(environment).read_text(encoding="utf-8").strip() or None
    except OSError:
        return None  # the server will say what is missing


def _file(environment):
    named = environment.get("TRAINMON_DATA")
    if named:
        return Path(named) / "token"
    local = environment.get("XDG_DATA_HOME") or home(environment) / ".local" / "share"
    return Path(local) / "trainmon" / "token"
