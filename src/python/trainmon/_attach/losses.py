"""The loss of a step: the scalar whose `backward` is called. With a GradScaler it is what was scaled."""

import functools
import sys
import weakref

from .patches import Patch


class LossPatch:
    """Calls `told(loss)` after each backward pass from a scalar; `loss` is a tensor without a graph, unscaled where the scaler is torch's."""

    def __init__(self, torch, told, guard):
        self._told, self._guard = told, guard
        self._scaled = None  # (weak reference to the scaled tensor, the loss)
        self._patches = [Patch(torch.Tensor, "backward", self._backward)]
        self._scalers = set()
        self.look_for_scalers()

    def look_for_scalers(self):
        """Follows the gradient scalers that are imported by now."""
        for owner in _scalers():
            if owner not in self._scalers:
                self._scalers.add(owner)
                self._patches.append(Patch(owner, "scale", self._scale))

    def remove(self):
        """Takes the patches off."""
        for patch in self._patches:
            patch.remove()
        self._told = _nothing

    def _backward(self, original):
        @functools.wraps(original)
        def backward(tensor, *args, **kwargs):
            result = original(tensor, *args, **kwargs)
            self._guard(lambda: self._take(tensor))
            return result

        return backward

    def _scale(self, original):
        @functools.wraps(original)
        def scale(scaler, outputs, *args, **kwargs):
            result = original(scaler, outputs, *args, **kwargs)
            self._guard(lambda: self._remember(outputs, result))
            return result

        return scale

    def _take(self, tensor):
        if tensor.numel() != 1:
            return
        scaled, self._scaled = self._scaled, None
        self._told(scaled[1] if scaled is not None and scaled[0]() is tensor else tensor.detach())

    def _remember(self, outputs, result):
        if hasattr(outputs, "detach") and outputs.numel() == 1 and result is not outputs:
            self._scaled = (weakref.ref(result), outputs.detach())


def _scalers():
    # Only what is imported: nothing of torch is loaded for our sake.
    for name in ("torch.amp.grad_scaler", "torch.cuda.amp.grad_scaler"):
        owner = getattr(sys.modules.get(name), "GradScaler", None)
        if owner is not None and "scale" in vars(owner):
            yield owner


def _nothing(_loss):
    pass
