"""Gets called around optimizer.step. torch 1.13 has no step hooks, so the instance's `step` is wrapped, with the marks that learning-rate schedulers look for."""

import functools


class StepHook:
    """Calls `before` and `after` around each outermost step of an optimizer."""

    def __init__(self, optimizer, before, after):
        self._optimizer, self._before, self._after = optimizer, before, after
        self._depth = 0
        self._had_own = "step" in vars(optimizer)
        self._original = optimizer.step
        original = self._original

        @functools.wraps(original)
        def step(*args, **kwargs):
            self._depth += 1
            try:
                if self._depth == 1:
                    self._before()
                result = original(*args, **kwargs)
                if self._depth == 1:
                    self._after()
                return result
            finally:
                self._depth -= 1

        for mark in ("_with_counter", "_wrapped_by_lr_sched"):
            if hasattr(original, mark):
                setattr(step, mark, getattr(original, mark))
        self._step = step
        optimizer.step = step

    def remove(self):
        """Puts back what was there, unless someone has wrapped it since."""
        if vars(self._optimizer).get("step") is self._step:
            if self._had_own:
                self._optimizer.step = self._original
            else:
                del self._optimizer.step
        self._before = self._after = _nothing


def _nothing():
    pass
