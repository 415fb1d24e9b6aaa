"""One optimizer's `step`, replaced on the instance. It stays a bound method: a learning-rate scheduler that is made later takes it apart and wraps it again."""

import functools
import types
import weakref


class InstanceStep:
    """`make(original)` gives the new function, which is called with the optimizer and the step's own arguments. Hangs on the optimizer and does not keep it alive."""

    def __init__(self, optimizer, make):
        self._optimizer = weakref.ref(optimizer)
        self._had_own = "step" in vars(optimizer)
        self._original = original = optimizer.step
        step = functools.wraps(original)(make(original))
        for mark in ("_with_counter", "_wrapped_by_lr_sched"):
            if hasattr(original, mark):
                setattr(step, mark, getattr(original, mark))
        self._method = optimizer.step = types.MethodType(step, optimizer)

    def remove(self):
        """Puts back what was there, unless someone has wrapped it since; such a wrapper calls a step that does nothing of ours."""
        optimizer = self._optimizer()
        if optimizer is None or vars(optimizer).get("step") is not self._method:
            return
        if self._had_own:
            optimizer.step = self._original
        else:
            del optimizer.step
