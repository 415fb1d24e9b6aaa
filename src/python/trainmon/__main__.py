"""`python -m trainmon`: what this environment can do. The command of Training Monitor is the .NET one, `trainmon`; this is the Python client's own."""

import argparse
import importlib
import platform
import socket
import sys
from urllib.parse import urlsplit

from ._settings import Settings
from ._version import VERSION

_HELP = """The main command is `trainmon`, the .NET tool: it serves, shows runs, attaches to them and launches them. This one belongs to the Python client."""

_EXAMPLE = """import trainmon

monitor = trainmon.watch(model, optimizer, dataset_size=len(train_set), batch_size=64, sampling="shuffled")
for x, y, indices in batches:
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    monitor.log(loss=loss, indices=indices)     # indices may be left out
    optimizer.step()
monitor.finish()

Hugging Face: trainmon.integrations.huggingface.callback()   Lightning: trainmon.integrations.lightning.callback()
A whole script: src/python/examples/digits.py; every option: docs/pytorch.md"""


def main(arguments=None):
    """Exit code: 0, or 1 where `check` found something that is missing."""
    parser = argparse.ArgumentParser(prog="python -m trainmon", description=_HELP)
    parser.add_argument("--version", action="version", version=f"trainmon {VERSION}")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("check", help="say what is there, what is missing, and whether a server answers")
    commands.add_parser("example", help="print the lines that watch a run")
    flushing = commands.add_parser("flush", help="deliver what processes that have ended could not")
    flushing.add_argument("folder", nargs="?", help="a spill folder; default: TRAINMON_SPILL, else the user's own")
    flushing.add_argument("--server", help="default: TRAINMON_SERVER, else this machine's")
    flushing.add_argument("--seconds", type=float, default=60.0, help="the longest time it may take (60)")
    chosen = parser.parse_args(arguments)
    command = chosen.command
    if command == "flush":
        return flush(chosen)
    if command == "check":
        return check()
    if command == "example":
        print(_EXAMPLE)
        return 0
    parser.print_help()
    return 0


def flush(chosen):
    """0 where nothing is left behind."""
    from ._grpc.flush import flush as deliver

    try:
        settings = Settings(server=chosen.server).filled()
        wrong = settings.problem()
    except ValueError as error:
        settings, wrong = None, str(error)
    if wrong:
        print(wrong)
        return 1
    return 0 if deliver(chosen.folder or settings.spill_folder, settings, chosen.seconds, print) else 1


def check(environment=None):
    """Prints a line for each thing a watched run needs."""
    print(f"trainmon {VERSION}, Python {platform.python_version()}")
    missing = 0
    for name, least, needed in (("grpc", "1.51", True), ("google.protobuf", "3.21", True), ("torch", "1.13", False)):
        try:
            version = getattr(importlib.import_module(name), "__version__", "unknown version")
            old = _numbers(version) < _numbers(least)
            print(f"{name} {version}" + (f": {least} or newer is needed" if old else ""))
            missing += old and needed
        except ImportError as error:
            print(f"{name} is not there ({error})" + ("" if needed else "; it is needed in the program that is watched"))
            missing += needed
    try:
        settings = Settings().filled() if environment is None else Settings().filled(environment)
        wrong = settings.problem()
    except ValueError as error:
        settings, wrong = None, str(error)
    if wrong:
        print(f"environment: {wrong}")
        return 1
    if not settings.enabled:
        print("TRAINMON_MODE=disabled: nothing is watched")
    print(f"server {settings.server}: {_reach(settings.server)}")
    return 1 if missing else 0


def _reach(address):
    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)), timeout=2):
            return "something listens there"
    except OSError as error:
        return f"does not answer ({error}); start one with `trainmon serve`, or set TRAINMON_SERVER"


def _numbers(version):
    return [int("".join(c for c in part if c.isdigit()) or 0) for part in version.split("+")[0].split(".")[:2]]


if __name__ == "__main__":
    sys.exit(main())
