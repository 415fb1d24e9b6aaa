"""Gets called around optimizer.step: by torch's global step hooks where it has them (2.0 and later), else by a wrapper on the instance (1.13), with the marks that
learning-rate schedulers look for. Where the step is given a closure (LBFGS, Lightning), the gradients are there only after the closure's first call: the step begins then. Several optimizers that step in turn are one step: it begins with the first of them and ends when each has stepped, or when one steps again."""

import functools
import sys
import weakref

from .instance import InstanceStep
from .quiet import Quiet

try:
    from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
except ImportError:  # torch 1.13
    register_optimizer_step_pre_hook = register_optimizer_step_post_hook = None


class StepHook:
    """Calls `before` and `after` around each step that is not quiet (quiet.py). Neither may raise."""

    def __init__(self, optimizers, before, after, quiet):
        self._before, self._after = before, after
        self._all = len(optimizers)
        self._done = []  # ids of the optimizers that have stepped in this round
        self._open = False
        way = _Global if register_optimizer_step_pre_hook is not None else _Wrapped
        quiet = quiet if self._all == 1 else Quiet()  # of steps in several parts none passes quietly
        self._ways = [way(optimizer, self._enter, self._leave, quiet) for optimizer in optimizers]

    def remove(self):
        """Lets go of the optimizers."""
        for way in self._ways:
            way.remove()
        self._before = self._after = _nothing

    def let_go(self):
        """As `remove`, where torch's own lists must not be touched: from a destructor, whatever that interrupts."""
        for way in self._ways:
            way.let_go()
        self._before = self._after = _nothing

    def _enter(self, optimizer):
        if self._open and id(optimizer) in self._done:
            self._close()
        if not self._open:
            self._open = True
            self._before()

    def _leave(self, optimizer):
        if not self._open:
            return
        self._done.append(id(optimizer))
        if len(self._done) >= self._all:
            self._close()

    def _close(self):
        self._open, self._done = False, []
        self._after()


class _Global:
    """Torch's hooks for all optimizers; the others pass by. A `step` that calls `super().step()` fires them twice, one that raises fires no post hook."""

    def __init__(self, optimizer, enter, leave, quiet):
        self._optimizer, self._enter, self._leave, self._quiet = weakref.ref(optimizer), enter, leave, quiet
        self._depth = self._inside = 0
        self._passing = False  # a quiet step is being made
        self._first, self._last = register_optimizer_step_pre_hook(self._pre), register_optimizer_step_post_hook(self._post)

    def let_go(self):
        self._optimizer = self._enter = self._leave = _nothing

    def remove(self):
        # Torch walks through its hooks while one of them runs and must not find them changed: a hook of ours that is running goes at the next chance.
        self.let_go()
        if not self._inside:
            self._first.remove()
            self._last.remove()

    def _pre(self, optimizer, args, kwargs):
        if optimizer is not self._optimizer():
            if self._optimizer is _nothing:
                self._last.remove()  # what runs now is of the other list
            return None
        quiet = self._quiet
        if self._passing:
            if _running(sys._getframe(1), optimizer):
                return None
            self._passing = False  # the step before ended with an exception, and was none
            quiet.left += 1
        if quiet.left > 0 and not self._depth and not quiet.wake:
            quiet.left -= 1
            self._passing = True
            return None
        self._inside += 1
        try:
            return self._begin(optimizer, args, kwargs)
        finally:
            self._inside -= 1

    def _begin(self, optimizer, args, kwargs):
        if self._depth and not _running(sys._getframe(2), optimizer):
            self._depth = 0  # the step before ended with an exception
        self._depth += 1
        if self._depth > 1:
            return None
        given, others = with_closure(args[1:], kwargs, lambda: self._enter(optimizer))
        return None if others is None else ((args[0], *given), others)

    def _post(self, optimizer, _args, _kwargs):
        if self._optimizer is _nothing:
            self._first.remove()
            return
        if optimizer is not self._optimizer():
            return
        if self._passing:
            self._passing = False
            return
        if not self._depth:
            return
        self._depth -= 1
        if not self._depth:
            self._inside += 1
            try:
                self._leave(optimizer)
            finally:
                self._inside -= 1


def _running(frame, optimizer):
    """Whether an outer call of the function in this frame is a step of the same optimizer."""
    code, frame = frame.f_code, frame.f_back
    while frame is not None:
        if frame.f_code is code and any(value is optimizer for value in _arguments(frame)):
            return True
        frame = frame.f_back
    return False


def _arguments(frame):
    values = frame.f_locals
    yield values.get("self")
    yield from values.get("args") or ()


class _Wrapped:
    """The instance's `step`."""

    def __init__(self, optimizer, enter, leave, quiet):
        self._enter, self._leave, self._quiet, self._depth = enter, leave, quiet, 0
        self._step = InstanceStep(optimizer, self._around)

    def let_go(self):
        self._enter = self._leave = _nothing

    def remove(self):
        self._step.remove()

    def _around(self, original):
        quiet = self._quiet

        def step(optimizer, *args, **kwargs):
            if quiet.left > 0 and not quiet.wake:
                result = original(*args, **kwargs)
                quiet.left -= 1
                return result
            self._depth += 1
            try:
                if self._depth == 1:
                    given, others = with_closure(args, kwargs, lambda: self._enter(optimizer))
                    if others is not None:
                        args, kwargs = given, others
                result = original(*args, **kwargs)
                if self._depth == 1:
                    self._leave(optimizer)
                return result
            finally:
                self._depth -= 1

        return step


def with_closure(args, kwargs, begin):
    """Calls `begin` now and gives (args, None) where there is no closure; else arguments whose closure calls it after its first call."""
    closure = args[0] if args else kwargs.get("closure")
    if not callable(closure):
        begin()
        return args, None
    begun = []

    @functools.wraps(closure, updated=())
    def first(*inner, **named):
        result = closure(*inner, **named)
        if not begun:
            begun.append(True)
            begin()
        return result

    return ((first, *args[1:]), kwargs) if args else (args, {**kwargs, "closure": first})


def _nothing(*_):
    pass
