"""Waits at one optimizer's `step`."""

from .._torch.instance import InstanceStep


class Trap:
    """Calls `stepping(optimizer)` after each step."""

    def __init__(self, optimizer, stepping):
        self._stepping = stepping
        self._step = InstanceStep(optimizer, self._around)

    def remove(self):
        """Lets go of the optimizer."""
        self._stepping = _nothing
        self._step.remove()

    def _around(self, original):
        def step(optimizer, *args, **kwargs):
            result = original(*args, **kwargs)
            self._stepping(optimizer)
            return result

        return step


def _nothing(_optimizer):
    pass
