"""Steps that a GradScaler leaves out. It asks the device whether a gradient overflowed and then does not call the optimizer at all, so no step hook fires: its method that
decides is wrapped, once for all scalers, while a monitor is there. Nothing is read from the device here."""

import functools
import weakref

_watching = []  # SkipWatch
_wrapped = []  # (class, original, wrapper)


class SkipWatch:
    """Calls `asked` when a scaler is asked to step these optimizers, `skipped` when it did not: when `count()`, the number of steps so far, is what it was."""

    def __init__(self, optimizers, count, asked, skipped):
        # The last of several optimizers decides, as they step in turn and are one step.
        self._last = weakref.ref(optimizers[-1])
        self._count, self._asked_for, self._skipped = count, asked, skipped
        self._before = None
        _watching.append(self)
        if len(_watching) == 1:
            _wrap()

    def remove(self):
        if self in _watching:
            _watching.remove(self)
            if not _watching:
                _unwrap()

    def _asked(self, optimizer):
        if optimizer is self._last():
            self._before = self._count()
            self._asked_for()
            return True
        return False

    def _answered(self):
        if self._count() == self._before:
            self._skipped()


def _classes():
    for module in ("torch.amp.grad_scaler", "torch.cuda.amp.grad_scaler"):
        try:
            found = getattr(__import__(module, fromlist=["GradScaler"]), "GradScaler", None)
        except ImportError:
            continue
        if found is not None and "_maybe_opt_step" in vars(found):
            yield found


def _wrap():
    for scaler in _classes():
        original = scaler._maybe_opt_step

        @functools.wraps(original)
        def maybe_step(self, optimizer, *args, _original=original, **kwargs):
            asked = [watch for watch in list(_watching) if watch._asked(optimizer)]
            result = _original(self, optimizer, *args, **kwargs)
            for watch in asked:
                watch._answered()
            return result

        scaler._maybe_opt_step = maybe_step
        _wrapped.append((scaler, original, maybe_step))


def _unwrap():
    while _wrapped:
        scaler, original, wrapper = _wrapped.pop()
        if scaler._maybe_opt_step is wrapper:  # else someone has wrapped it since
            scaler._maybe_opt_step = original
