"""Sums on the training thread alone, where torch has two threads. Its second one is busy then, waiting for more of the training's own work, and on two hardware threads of one core each operation on a piece
in the cache takes twice as long for it. With more threads pieces are shared, as everything is. Said to the OpenMP runtime and not to torch: torch.set_num_threads holds for every thread that begins meanwhile."""

import contextlib

import torch

_NOTHING = contextlib.nullcontext()
_runtime = False  # not looked for yet


def alone():
    """A context in which operations of this thread use no other."""
    global _runtime
    if torch.get_num_threads() != 2:
        return _NOTHING
    if _runtime is False:
        _runtime = _find()
    return _NOTHING if _runtime is None else _Alone(_runtime)


class _Alone:
    def __init__(self, runtime):
        self._runtime = runtime

    def __enter__(self):
        self._runtime.omp_set_num_threads(1)

    def __exit__(self, *_):
        self._runtime.omp_set_num_threads(2)


def _find():
    # The runtime that torch is linked to is the one whose number torch then says.
    try:
        import ctypes

        with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
            paths = sorted({line.split(None, 5)[5].strip() for line in maps if "/libgomp" in line})
        for path in paths:
            runtime = ctypes.CDLL(path)
            before = runtime.omp_get_max_threads()  # of another library's runtime, any number
            runtime.omp_set_num_threads(1)
            found = torch.get_num_threads() == 1
            runtime.omp_set_num_threads(before)
            if found and torch.get_num_threads() == 2:
                return runtime
    except (ImportError, OSError, AttributeError, IndexError):
        pass
    return None
