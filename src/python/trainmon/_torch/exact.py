"""Exact sums over the examples of a batch, from each layer's input and the gradient of its output; layers of other kinds (contributions.py) are named as not covered. Between the
backward pass and the step gradients may be unscaled and clipped: one factor for all layers, which follows from what the examples add up to. A layer whose examples do not add up to its
gradient but for that factor (shared weight, a penalty in the loss, examples not in dimension 0) is refused at its first exact step, with the reason."""

import math
from array import array

import torch

from .._enums import Statistic
from .contributions import kind_of

# Of the norm of the difference. Gradients of layers that computed in 16 bits are rounded to that.
_TOLERANCE, _ROUGH_TOLERANCE = 1e-3, 2e-2

# A factor this near to 1 is rounding.
_ONE = 1e-4


class Capture:
    """One layer's inputs and output gradients of one backward pass."""

    def __init__(self, layer, kind):
        self.layer, self.kind = layer, kind
        self.inputs, self.deltas = [], []
        self.reason = None  # why it is not covered

    def clear(self):
        self.inputs, self.deltas = [], []

    def contributions(self):
        """Of the pass, in the type of the weights: autocast may have had both in 16 bits."""
        inputs, delta = self.inputs[0], self.deltas[0]
        kind = self.layer.parameters[0].tensor.dtype
        kind = kind if kind in (torch.float32, torch.float64) else torch.float32
        if inputs.is_floating_point():
            if inputs.dtype is not delta.dtype and delta.dtype is not kind:
                inputs = inputs.to(delta.dtype)  # as the layer's own product saw it
            inputs = inputs.to(kind)
        return self.kind(self.layer, inputs, delta.to(kind))

    @property
    def rough(self):
        """Whether it computed in 16 bits."""
        return self.deltas[0].dtype in (torch.float16, torch.bfloat16)

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
        self._found, self.factor = [], None
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
        self._armed, self._found = on, []

    @property
    def examples(self):
        """Examples of all backward passes since it was armed."""
        return max((sum(delta.shape[0] for delta in capture.deltas) for capture in self._captures.values()), default=0)

    def measure(self, steps, own=None, clip=1.0):
        """Gets the step's contributions ready, and the factor between them and the gradient; returns the factor, or None where nothing was captured. `own`: this rank's gradients where
        the optimizer sees the mean over several ranks: the contributions must add up to them, and the factor is what was said of clipping."""
        self._found, self.factor = [], None
        by_parameter = {step.parameter: step for step in steps}
        for capture in self._captures.values():
            if capture.usable and all(parameter in by_parameter and (own is None or parameter in own) for parameter in capture.layer.parameters):
                sums = capture.contributions()
                products = [_products(total, by_parameter[parameter].gradient if own is None else own[parameter]) for parameter, total in sums.totals()]
                self._found.append((capture, sums, products))
        ratios = sorted(tg / tt for _, _, products in self._found for tt, tg, gg in (_sum(products),) if tt > 0 and math.isfinite(gg))
        if not ratios:
            self._found = []
            return None
        factor = ratios[len(ratios) // 2]
        self.factor = factor = 1.0 if abs(factor - 1) <= _ONE else factor
        kept = []
        for capture, sums, products in self._found:
            tt, tg, gg = _sum(products)
            if not math.isfinite(gg):
                continue
            residual = max(0.0, gg - 2 * factor * tg + factor * factor * tt)
            if residual > (_ROUGH_TOLERANCE if capture.rough else _TOLERANCE) ** 2 * gg + 1e-24:
                capture.reason = self.missing[capture.layer.name] = "its examples do not add up to its gradient"
            else:
                kept.append((capture, sums))
        self._found = kept
        if own is not None:
            self.factor = factor = clip
        return factor if kept else None

    def fill(self, columns, steps, has_update):
        """After `measure`: adds EXAMPLE_GRAD_SQ and SELF_SECOND_MOMENT, NaN for layers not covered. Gives the number of examples, or 0 where nothing was captured."""
        if not self._found:
            return 0
        by_parameter = {step.parameter: step for step in steps}
        batch, places, values = 0, [], []
        scale = self.factor * self.factor
        for capture, sums in self._found:
            batch, index = sums.batch, capture.layer.index
            for parameter, squares, examples, _total in sums.squares():
                # g_i = b c_i: the mean of |g_i|^2 over the batch is b sum_i |c_i|^2.
                places.append((Statistic.EXAMPLE_GRAD_SQ, index))
                values.append(scale * batch * examples.sum())
                if has_update:
                    gain = by_parameter[parameter].prediction.gain
                    places.append((Statistic.SELF_SECOND_MOMENT, index))
                    values.append(scale * batch * (squares * gain).sum(dtype=torch.float64))
        covered = {capture.layer.index for capture, _ in self._found}
        for (statistic, index), value in zip(places, torch.stack([v.to(torch.float64) for v in values]).tolist()):
            if statistic not in columns:
                columns[statistic] = array("d", [0.0 if i in covered else math.nan for i in range(len(self._layers))])
            columns[statistic][index] += value
        return batch

    def cross(self, steps):
        """After `measure`: <g_i, u_{t-1}> an example over the covered layers, nats; None where nothing was captured."""
        previous = {step.parameter: step.previous for step in steps}
        total = None
        for capture, sums in self._found:
            if any(previous.get(parameter) is None for parameter in capture.layer.parameters):
                continue
            part = sums.cross(previous) * (sums.batch * self.factor)
            if total is not None and total.shape != part.shape:
                return None
            total = part if total is None else total + part
        return None if total is None else total.tolist()


def _products(total, gradient):
    """|total|^2, <total, gradient>, |gradient|^2, in float64."""
    t, g = total.reshape(-1).double(), gradient.reshape(-1).double()
    return float(t.dot(t)), float(t.dot(g)), float(g.dot(g))


def _sum(products):
    return tuple(sum(column) for column in zip(*products))


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
