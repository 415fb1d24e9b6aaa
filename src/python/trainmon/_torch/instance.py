"""One optimizer's `step`, replaced on the instance. It stays a bound method: a learning-rate scheduler that is made later takes it apart and wraps it again."""

import functools
import types
import weakref


class InstanceStep:
    """`make(original)` gives the new function, which is called with the optimizer and the step's own arguments. Hangs on the optimizer and does not keep it alive."""

    def __init__(self, optimizer, make):
        self._optimizer = weakref.ref(optimizer)
        original = optimizer.step
        # A bound method is made anew each time and holds its optimizer; the new function keeps alive what is put back.
        self._own = (weakref.WeakMethod if hasattr(original, "__self__") else weakref.ref)(original) if "step" in vars(optimizer) else None
        step = functools.wraps(original)(make(original))
        for mark in ("_with_counter", "_wrapped_by_lr_sched"):
            if hasattr(original, mark):
                setattr(step, mark, getattr(original, mark))
        self._function = weakref.ref(step)
        optimizer.step = types.MethodType(step, optimizer)

    def remove(self):
        """Puts back what was there, unless someone has wrapped it since; such a wrapper calls a step that does nothing of ours."""
        optimizer, function = self._optimizer(), self._function()
        if optimizer is None or function is None or getattr(vars(optimizer).get("step"), "__func__", None) is not function:
            return
        if self._own is not None:
            optimizer.step = self._own()
        else:
            del optimizer.step
