"""Gradient accumulation: each backward pass of a step is a unit, and the norms of what it adds to the gradient cost one inner product a parameter and pass. Whether the gradient
was scaled or clipped afterwards needs no asking: the norm of the sum of the units is followed along, and the ratio to the norm that the optimizer sees is the factor. With several
ranks (`shared`) what the optimizer sees is the mean over all of them: there this rank's units are sent as they are, and its own gradient is kept until the step."""

import math
from array import array

import torch

from .readout import capturing

_TOLERANCE = 1e-3
_PLAIN = (torch.float32, torch.float64)


class MicroSet:
    """Hooks on the parameters, armed for the steps that want them."""

    def __init__(self, layer_map, on_error, shared=False):
        self._map, self._on_error, self._shared = layer_map, on_error, shared
        self._layers = len(layer_map.layers)  # numbers may arrive when the map was let go of
        self._handles = []
        self._passes = {}

    def arm(self, on):
        """Puts the hooks on, or takes them off."""
        for handle, tensor, bare in self._handles:
            handle.remove()
            if bare and not tensor._backward_hooks:
                tensor._backward_hooks = None  # an empty list of hooks would still be walked through in every backward pass
        self._passes = {}
        tensors = [(parameter, parameter.tensor) for parameter in self._map.parameters] if on else ()
        self._handles = [(tensor.register_hook(self._hook(parameter)), tensor, bare) for parameter, tensor, bare in [(p, t, t._backward_hooks is None) for p, t in tensors]]

    @property
    def units(self):
        """Backward passes since it was armed, where every parameter with a gradient saw as many; else 0."""
        counts = {passes.count for passes in self._passes.values()}
        return counts.pop() if len(counts) == 1 else 0

    def own(self):
        """This rank's gradient by parameter, where there was one backward pass; None where ranks do not share theirs."""
        return {parameter: passes.last for parameter, passes in self._passes.items() if passes.count == 1} if self._shared else None

    def example_grad_sq(self, steps, numbers, told):
        """`told(column)`: the mean over the units of |g_unit|^2, or None where the passes do not add up to the gradient. False where there are no units to speak of."""
        units = self.units
        if units < (1 if self._shared else 2) or any(step.parameter not in self._passes for step in steps):
            return False
        read = [torch.stack([*self._passes[step.parameter].read(), step.gradient.square().sum(dtype=torch.float64)]) for step in steps]
        layers, first = [step.parameter.layer.index for step in steps], read[0].device
        numbers.add(torch.stack([r.to(first, non_blocking=True) for r in read]), lambda values: told(self._column(values.view(-1, 3).tolist(), layers, units)))
        return True

    def _column(self, read, layers, units):
        column = array("d", bytes(8 * self._layers))
        if self._shared:
            for index, (squares, _, _) in zip(layers, read):
                column[index] += units * squares
            return column
        total, seen = sum(whole for _, whole, _ in read), sum(square for _, _, square in read)
        if not total > 0 or not math.isfinite(seen):
            return None
        factor = seen / total
        for index, (squares, whole, square) in zip(layers, read):
            if abs(square - factor * whole) > _TOLERANCE * max(factor * whole, 1e-6 * seen):
                return None  # something else was added to the gradient
            # A unit's own gradient is K times what it adds to a mean over K.
            column[index] += units * squares * factor
        return column

    def _hook(self, parameter):
        def hook(gradient):
            try:
                if capturing():
                    return
                passes = self._passes.get(parameter)
                if passes is None:
                    passes = self._passes[parameter] = _Passes()
                passes.add(gradient.detach(), parameter.tensor.grad)
                passes.last = gradient.detach().clone() if self._shared else None  # the mean over ranks is written over what the parameter takes
            except Exception as error:  # a hook of ours must not end a backward pass
                self._on_error(error)

        return hook


class _Passes:
    """Of one parameter: sum of |g_k|^2, and |sum of g_k|^2 by |s + g|^2 = |s|^2 + 2 <s, g> + |g|^2."""

    def __init__(self):
        self.count = 0
        self.last = None  # the newest pass, where it is wanted
        self._squares = self._whole = 0

    def add(self, gradient, before):
        if gradient.is_sparse:
            raise ValueError("a sparse gradient under accumulation")
        flat = gradient.reshape(-1).double() if gradient.dtype not in _PLAIN else gradient.reshape(-1)
        square = flat.dot(flat).double()
        whole = square
        if self.count:
            whole = whole + self._whole + 2 * before.detach().reshape(-1).to(flat.dtype).dot(flat).double()
        self._squares, self._whole = self._squares + square, whole
        self.count += 1

    def read(self):
        return self._squares, self._whole
