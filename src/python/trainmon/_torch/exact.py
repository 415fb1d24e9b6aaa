"""Exact sums over the examples of a batch, from each layer's input and the gradient of its output; layers of other kinds (contributions.py) are named as not covered. A layer whose contributions do not add up to its gradient (shared weight, a penalty in the loss, gradient accumulation, examples not in
dimension 0) is refused at its first exact step, with the reason."""

import math
from array import array

import torch

from .._enums import Statistic
from .contributions import kind_of

_TOLERANCE = 1e-3


class Capture:
    """One layer's inputs and output gradients of one backward pass."""

    def __init__(self, layer, kind):
        self.layer, self.kind = layer, kind
        self.inputs, self.deltas = [], []
        self.checked = False
        self.reason = None  # why it is not covered

    def clear(self):
        self.inputs, self.deltas = [], []

    def contributions(self):
        """Of the pass."""
        return self.kind(self.layer, self.inputs[0], self.deltas[0])

    @property
    def usable(self):
        """One pass forward and one backward."""
        return self.reason is None and len(self.inputs) == 1 and len(self.deltas) == 1


class ExactSet:
    """Hooks on the layers, armed for the steps that want them."""

    def __init__(self, layer_map, on_error):
        self._layers = layer_map.layers
        self._armed = False
        self._captures, self._handles = {}, []
        self._hook = _forward_hook(self._captures, on_error)
        self.missing = {}
        for layer in layer_map.layers:
            kind, reason = kind_of(layer.module)
            if kind is None:
                self.missing[layer.name] = reason
            elif any(id(parameter.tensor) in layer_map.shared for parameter in layer.parameters):
                self.missing[layer.name] = "its weight is shared with another module"
            else:
                self._captures[layer.module] = Capture(layer, kind)

    @property
    def any(self):
        """Whether there is a layer to look at."""
        return bool(self._captures)

    def arm(self, on):
        """Puts the hooks on, or takes them off: steps that are not looked at pay nothing."""
        for handle in self._handles:
            handle.remove()
        # Not on the modules themselves: what hangs there is saved and copied with them.
        self._handles = [torch.nn.modules.module.register_module_forward_hook(self._hook)] if on else []
        for capture in self._captures.values():
            capture.clear()
        self._armed = on

    def fill(self, columns, steps, has_update):
        """Adds EXAMPLE_GRAD_SQ and SELF_SECOND_MOMENT; NaN for layers not covered. Gives the number of examples, or 0 where nothing was captured."""
        by_parameter = {step.parameter: step for step in steps}
        batch, found = 0, []
        for capture in self._captures.values():
            sums = self._sums(capture, by_parameter)
            if sums is not None:
                found.append((capture.layer.index, sums))
        if not found:
            return 0
        places, values = [], []
        for index, (size, parts) in found:
            batch = size
            for parameter, squares, examples, _total in parts:
                # g_i = b c_i: the mean of |g_i|^2 over the batch is b sum_i |c_i|^2.
                places.append((Statistic.EXAMPLE_GRAD_SQ, index))
                values.append(size * examples.sum())
                if has_update:
                    gain = by_parameter[parameter].prediction.gain
                    places.append((Statistic.SELF_SECOND_MOMENT, index))
                    values.append(size * (squares * gain).sum(dtype=torch.float64))
        covered = {index for index, _ in found}
        for (statistic, index), value in zip(places, torch.stack([v.to(torch.float64) for v in values]).tolist()):
            if statistic not in columns:
                columns[statistic] = array("d", [0.0 if i in covered else math.nan for i in range(len(self._layers))])
            columns[statistic][index] += value
        return batch

    def cross(self, steps):
        """<g_i, u_{t-1}> an example over the covered layers, nats; None where nothing was captured."""
        previous = {step.parameter: step.previous for step in steps}
        total = None
        for capture in self._captures.values():
            if not capture.usable or any(previous.get(parameter) is None for parameter in capture.layer.parameters):
                continue
            sums = capture.contributions()
            part = sums.cross(previous) * sums.batch
            if total is not None and total.shape != part.shape:
                return None
            total = part if total is None else total + part
        return None if total is None else total.tolist()

    def _sums(self, capture, by_parameter):
        if not capture.usable or any(parameter not in by_parameter for parameter in capture.layer.parameters):
            return None
        sums = capture.contributions()
        parts = list(sums.squares())
        if not capture.checked:
            capture.checked = True
            for parameter, _squares, _examples, total in parts:
                gradient = by_parameter[parameter].gradient
                if not torch.allclose(total, gradient, rtol=_TOLERANCE, atol=_TOLERANCE * float(gradient.abs().max()) + 1e-12):
                    capture.reason = "its examples do not add up to its gradient"
                    self.missing[capture.layer.name] = capture.reason
                    return None
        return sums.batch, parts


def _forward_hook(captures, on_error):
    # A plain function: a user's copy.deepcopy(model) copies a module's hooks, functions by reference; the copy's modules are not among the captures.
    def forward(module, inputs, output):
        try:
            capture = captures.get(module)
            if capture is None or capture.reason is not None or not torch.is_grad_enabled() or not output.requires_grad:
                return
            capture.inputs.append(inputs[0].detach())
            output.register_hook(lambda gradient: capture.deltas.append(gradient.detach()))
        except Exception as error:  # a hook of ours must not end a forward pass
            on_error(error)

    return forward
