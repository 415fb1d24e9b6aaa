"""How a training process reaches its monitor. What is not set in code comes from the environment (TRAINMON_*), as in the .NET client."""

import os
import secrets
import socket
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Optional
from urllib.parse import urlsplit

from ._report import Identity
from ._version import VERSION


@dataclass(frozen=True)
class Settings:
    """Connection, identity and buffers; `filled` puts in the defaults."""

    server: Optional[str] = None  # gRPC address, or several of a cluster, comma separated; TRAINMON_SERVER, else http://127.0.0.1:4650
    other_servers: tuple = ()  # the further ones of `server`, once filled
    relay: Optional[str] = None  # folder of a relay on this machine, used in place of gRPC; TRAINMON_RELAY
    run_id: Optional[str] = None  # TRAINMON_RUN_ID, else made from time and a random part
    project: Optional[str] = None  # TRAINMON_PROJECT, else "default"
    run_name: Optional[str] = None  # TRAINMON_RUN_NAME, else the run id
    rank: Optional[int] = None  # RANK, else 0
    world_size: Optional[int] = None  # WORLD_SIZE, else 1
    restart_count: Optional[int] = None  # TORCHELASTIC_RESTART_COUNT or SLURM_RESTART_COUNT, else unknown
    token: Optional[str] = None  # TRAINMON_TOKEN, else the token file of the same user's server on this machine
    ca_file: Optional[str] = None  # CA that the server's certificate must come from, PEM; TRAINMON_CA_FILE, else what the machine trusts
    client_cert: Optional[str] = None  # certificate to show to the server, PEM; TRAINMON_CLIENT_CERT
    client_key: Optional[str] = None  # its key, PEM; TRAINMON_CLIENT_KEY
    allow_plain_token: Optional[bool] = None  # TRAINMON_PLAIN_TOKEN=1 sends the token to other machines without encryption
    enabled: Optional[bool] = None  # TRAINMON_MODE=disabled turns it off
    memory_bytes: int = 8 << 20  # kept in memory before it goes to disk
    spill_folder: Optional[str] = None  # TRAINMON_SPILL, else under the user's cache folder
    spill_bytes: int = 512 << 20  # largest spill; beyond it steps are thinned
    exit_timeout: float = 3.0  # longest time that finishing may take, seconds
    batch_delay: float = 0.01  # longest time a report waits for others to share its frame, seconds
    batch_bytes: int = 64 << 10  # reports in one frame; a larger report is split by layers
    say: Optional[Callable[[str], None]] = None  # where troubles are said; default: logging

    def filled(self, environment=os.environ):
        """These settings with every default filled in. ValueError names a variable that says nothing sensible."""
        run_id = self.run_id or environment.get("TRAINMON_RUN_ID") or _new_run_id()
        enabled = self.enabled
        if enabled is None:
            enabled = environment.get("TRAINMON_MODE", "").lower() != "disabled"
        restarts = _first(self.restart_count, _number(environment, "TORCHELASTIC_RESTART_COUNT"), _number(environment, "SLURM_RESTART_COUNT"))
        named = self.server or environment.get("TRAINMON_SERVER") or "http://127.0.0.1:4650"
        servers = tuple(_address(text.strip()) for text in named.split(",") if text.strip()) or (_address(named),)
        return replace(
            self,
            enabled=enabled,
            server=servers[0],
            other_servers=servers[1:] or self.other_servers,
            relay=self.relay or environment.get("TRAINMON_RELAY") or None,
            run_id=run_id,
            project=self.project or environment.get("TRAINMON_PROJECT") or "default",
            run_name=self.run_name or environment.get("TRAINMON_RUN_NAME") or run_id,
            rank=_first(self.rank, _number(environment, "RANK"), 0),
            world_size=_first(self.world_size, _number(environment, "WORLD_SIZE"), 1),
            restart_count=restarts,
            token=self.token or environment.get("TRAINMON_TOKEN") or None,
            ca_file=self.ca_file or environment.get("TRAINMON_CA_FILE") or None,
            client_cert=self.client_cert or environment.get("TRAINMON_CLIENT_CERT") or None,
            client_key=self.client_key or environment.get("TRAINMON_CLIENT_KEY") or None,
            allow_plain_token=_first(self.allow_plain_token, environment.get("TRAINMON_PLAIN_TOKEN") in ("1", "true")),
            spill_folder=self.spill_folder or environment.get("TRAINMON_SPILL") or str(_cache(environment) / "trainmon" / "spill"),
        )

    def problem(self):
        """None, or the first setting that cannot be, in words. For filled settings."""
        for name, value in (("run_id", self.run_id), ("project", self.project)):
            wrong = wrong_id(value)
            if wrong:
                return f"{name} is {value!r}: {wrong}"
        wrong = wrong_text(self.run_name, 1024)
        if wrong:
            return f"run_name is {self.run_name!r}: {wrong}"
        if self.world_size < 1 or not 0 <= self.rank < self.world_size:
            return f"rank is {self.rank} of world_size {self.world_size}, 0 to world_size - 1 is wanted"
        if self.restart_count is not None and self.restart_count < 0:
            return f"restart_count is {self.restart_count}, 0 or more is wanted"
        if self.memory_bytes < 64 << 10:
            return f"memory_bytes is {self.memory_bytes}, at least 64 KiB are wanted"
        if self.spill_bytes < 0:
            return f"spill_bytes is {self.spill_bytes}, 0 or more is wanted"
        if not 0 <= self.exit_timeout <= 600:
            return f"exit_timeout is {self.exit_timeout}, between 0 and 600 s is wanted"
        if not 0 <= self.batch_delay <= 10:
            return f"batch_delay is {self.batch_delay}, between 0 and 10 s is wanted"
        if not 1024 <= self.batch_bytes <= 2 << 20:
            return f"batch_bytes is {self.batch_bytes}, between 1 KiB and 2 MiB is wanted"
        if self.token is not None and not all("!" <= c <= "~" for c in self.token):
            return "token holds a character that is not printable ASCII"
        plain = [server for server in (self.server, *self.other_servers) if not is_safe(server)]
        if self.token is not None and not self.allow_plain_token and plain:
            return f"the token would cross the network to {plain[0]} in plain text: use https, an SSH tunnel to this machine, or say allow_plain_token (TRAINMON_PLAIN_TOKEN=1)"
        if (self.client_cert is None) != (self.client_key is None):
            return "client_cert and client_key go together, and one is missing"
        for name, path in (("ca_file", self.ca_file), ("client_cert", self.client_cert), ("client_key", self.client_key)):
            if path is not None and not os.access(path, os.R_OK):
                return f"{name} is {path!r}, which cannot be read"
        return None

    def identity(self):
        """Who this process is. For filled settings."""
        return Identity(
            run_id=self.run_id,
            project=self.project,
            run_name=self.run_name,
            client_start_id=secrets.token_hex(16),
            rank=self.rank,
            world_size=self.world_size,
            restart_count=self.restart_count,
            client=f"trainmon-python/{VERSION}",
            host=socket.gethostname(),
            process_id=os.getpid(),
            time_unix_ns=time.time_ns(),
        )


_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(server):
    """Whether a server's address is this machine."""
    return urlsplit(server).hostname in _LOOPBACK


def is_safe(server):
    """Whether nobody on the way can read a token: TLS, or this machine."""
    return urlsplit(server).scheme == "https" or is_loopback(server)


def home(environment=os.environ):
    """The user's folder."""
    return Path(environment.get("HOME") or Path.home())


def wrong_id(text):
    """None, or why the server would refuse it as an id."""
    if text in (".", ".."):
        return "no id"
    if "/" in text:
        return "'/' is not allowed in an id"
    return "empty" if not text else wrong_text(text, 128)


def wrong_text(text, most_bytes):
    """None, or why the server would refuse the text."""
    try:
        length = len(text.encode("utf-8"))
    except UnicodeEncodeError:
        return "it holds a lone surrogate"
    if length > most_bytes:
        return f"{length} bytes of UTF-8, at most {most_bytes} are taken"
    return "it holds a control character" if any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text) else None


def _new_run_id():
    return time.strftime("%Y%m%d-%H%M%S-") + secrets.token_hex(3)


def _cache(environment):
    return Path(environment.get("XDG_CACHE_HOME") or home(environment) / ".cache")


def _first(*values):
    return next((value for value in values if value is not None), None)


def _number(environment, name):
    text = environment.get(name)
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{name} is {text!r}, a whole number is wanted") from None


def _address(text):
    whole = text if "://" in text else f"http://{text}"
    parts = urlsplit(whole)
    try:
        wrong = parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0
    except ValueError:
        wrong = True
    if wrong:
        raise ValueError(f"server is {text!r}, an address such as http://127.0.0.1:4650 is wanted")
    return whole
