"""Waits for an import without importing anything: a finder that only listens."""

import importlib.abc
import sys


class Waiting(importlib.abc.MetaPathFinder):
    """Calls `then()` once after the module `name` was imported."""

    def __init__(self, name, then):
        self._name, self._then = name, then
        sys.meta_path.insert(0, self)

    def find_spec(self, name, path=None, target=None):
        """None for all but the one; that one's loader is followed."""
        if name != self._name:
            return None
        sys.meta_path.remove(self)
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None else None
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Following(spec.loader, self._then)
                return spec
        return None


class _Following(importlib.abc.Loader):
    """A loader that does what another does, and tells afterwards."""

    def __init__(self, loader, then):
        self._loader, self._then = loader, then

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        # From here on the module has its own loader, as if nobody had followed it.
        module.__loader__ = module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._then()

    def __getattr__(self, name):
        return getattr(self._loader, name)
