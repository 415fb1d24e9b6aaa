"""Waits at one optimizer's `step`, on the instance. It stays a bound method: a learning-rate scheduler that is made later takes it apart and wraps it again."""

import functools
import types
import weakref


class Trap:
    """Calls `stepping(optimizer)` after each step. It hangs on the optimizer and holds nothing of it."""

    def __init__(self, optimizer, stepping):
        self._optimizer = weakref.ref(optimizer)
        self._stepping = stepping
        self._had_own = "step" in vars(optimizer)
        self._original = original = optimizer.step

        @functools.wraps(original)
        def step(held, *args, **kwargs):
            result = original(*args, **kwargs)
            self._stepping(held)
            return result

        for mark in ("_with_counter", "_wrapped_by_lr_sched"):
            if hasattr(original, mark):
                setattr(step, mark, getattr(original, mark))
        self._method = optimizer.step = types.MethodType(step, optimizer)

    def remove(self):
        """Puts back what was there, unless someone has wrapped it since: that then only passes on."""
        self._stepping = _nothing
        optimizer = self._optimizer()
        if optimizer is None or vars(optimizer).get("step") is not self._method:
            return
        if self._had_own:
            optimizer.step = self._original
        else:
            del optimizer.step


def _nothing(_optimizer):
    pass
