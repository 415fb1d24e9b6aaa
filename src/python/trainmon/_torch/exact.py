"""Exact sums over the examples of a batch, from each layer's input and the gradient of its output; layers of other kinds (contributions.py) are named as not covered. Between the
backward pass and the step gradients may be unscaled and clipped: one factor for all layers, which follows from what the examples add up to. A layer whose examples do not add up to its
gradient but for that factor (shared weight, a penalty in the loss, examples not in dimension 0) is refused at its first exact step, with the reason."""

import math
from array import array

import torch

from .._enums import Statistic
from .capture import Capture
from .contributions import NORMS, kind_of
from .readout import capturing

# Of the norm of the difference. Gradients of layers that computed in 16 bits are rounded to that.
_TOLERANCE, _ROUGH_TOLERANCE = 1e-3, 2e-2

# A factor this near to 1 is rounding.
_ONE = 1e-4

# Below this share of the second moment a variance is rounding; a coordinate that only one example moves is a tie of the gate, which rounding must not open.
_VARIANCE_FLOOR, _TIE_MARGIN = 1e-5, 1e-6


class ExactSet:
    """Hooks on the layers, armed for the steps that want them. `which`: "all" layers that allow it, "norms" (LayerNorm and RMSNorm, which cost next to nothing however large the model), or "none"."""

    def __init__(self, layer_map, on_error, which="all"):
        self._layers = layer_map.layers
        self._captures, self._handles = {}, []
        self._hook = _forward_hook(self._captures, on_error)
        self.missing = {}
        for layer in layer_map.layers:
            kind, reason = kind_of(layer.module)
            if kind is not None and (which == "none" or (which == "norms" and kind not in NORMS)):
                kind, reason = None, f"exact_layers is {which}"
            if kind is None:
                self.missing[layer.name] = reason
            elif any(id(parameter.tensor) in layer_map.shared for parameter in layer.parameters):
                self.missing[layer.name] = "its weight is shared with another module"
            else:
                self._captures[layer.module] = Capture(layer, kind)

    @property
    def covered(self):
        """Indices of the layers that may have sums."""
        return {capture.layer.index for capture in self._captures.values() if capture.reason is None}

    def arm(self, on):
        """Puts the hooks on, or takes them off: steps that are not looked at pay nothing."""
        for handle in self._handles:
            handle.remove()
        # Not on the modules themselves: what hangs there is saved and copied with them.
        self._handles = [torch.nn.modules.module.register_module_forward_hook(self._hook)] if on else []
        for capture in self._captures.values():
            capture.clear()

    def release(self):
        """Forgets the layers."""
        self.arm(False)
        self._captures.clear()

    @property
    def examples(self):
        """Examples of all backward passes since it was armed."""
        return max((capture.examples for capture in self._captures.values()), default=0)

    def measure(self, steps, numbers, own=None, clip=1.0):
        """The step's contributions, or None where nothing was captured. `own`: this rank's gradients where the optimizer sees the mean over several ranks: the contributions must add up to them,
        and the factor to the gradient is what was said of clipping."""
        by_parameter = {step.parameter: step for step in steps}
        found, products = [], []
        for capture in self._captures.values():
            if capture.usable and all(parameter in by_parameter and (own is None or parameter in own) for parameter in capture.layer.parameters):
                sums = capture.contributions()
                found.append((capture, sums))
                products.append(_products(sums, by_parameter if own is None else own, own is not None))
        return Measured(found, products, by_parameter, self.missing, numbers, own is not None, clip) if found else None


class Measured:
    """Contributions of one step. What they add up to is judged when its numbers are there: then `factor` is known, and which layers are `kept`."""

    def __init__(self, found, products, by_parameter, missing, numbers, shared, clip):
        self._found, self._steps, self._missing, self._shared, self._clip = found, by_parameter, missing, shared, clip
        self.batch = found[-1][1].batch
        self._tolerances = [_ROUGH_TOLERANCE if capture.rough else _TOLERANCE for capture, _ in found]
        self.factor, self.kept = math.nan, [False] * len(found)
        first = products[0].device
        products = torch.stack([p.to(first, non_blocking=True) for p in products])
        self._ratio = _ratio(products)
        numbers.add(torch.cat([self._ratio.reshape(1), products.reshape(-1)]), self._judge)

    def release(self):
        """What is of the size of a batch or a parameter goes; numbers may still be on their way."""
        self._found = [(capture, None) for capture, _ in self._found]
        self._steps, self._ratio = {}, None

    @property
    def any(self):
        """Whether a layer was kept."""
        return any(self.kept)

    def fill(self, columns, numbers, has_update):
        """EXAMPLE_GRAD_SQ, SELF_SECOND_MOMENT and the gate when the numbers are there; NaN for layers not covered."""
        places, values = [], []
        for k, (capture, sums) in enumerate(self._found):
            for parameter, squares, examples, _total in sums.squares():
                # g_i = b c_i: the mean of |g_i|^2 over the batch is b sum_i |c_i|^2.
                places.append((k, Statistic.EXAMPLE_GRAD_SQ))
                values.append(self.batch * examples.sum())
                if has_update:
                    places.append((k, Statistic.SELF_SECOND_MOMENT))
                    values.append(self.batch * (squares * self._steps[parameter].prediction.gain).sum(dtype=torch.float64))
                if not self._shared:
                    places += [(k, Statistic.GATE_OPEN), (k, Statistic.GATE_TOTAL)]
                    values += self._gate(parameter, squares)
        for step in self._steps.values():
            step.forget()
        first = values[0].device
        numbers.add(torch.stack([value.to(first, torch.float64, non_blocking=True) for value in values]), lambda told: self._fill(columns, places, told.tolist()))

    def cross(self, numbers, told):
        """<g_i, u_{t-1}> an example over the covered layers, nats: `told(list)`, or None where it cannot be said."""
        previous = {parameter: step.previous for parameter, step in self._steps.items()}
        chosen, parts = [], []
        for k, (capture, sums) in enumerate(self._found):
            if all(previous.get(parameter) is not None for parameter in capture.layer.parameters):
                chosen.append(k)
                parts.append(sums.cross(previous) * sums.batch)
        if not parts or any(part.shape != parts[0].shape for part in parts):
            return
        first = parts[0].device

        def tell(values):
            kept = [row for row, k in enumerate(chosen) if self.kept[k]]
            if kept:
                told((values.view(len(parts), -1)[kept].sum(0) * self.factor).tolist())

        numbers.add(torch.cat([part.to(first, torch.float64, non_blocking=True) for part in parts]), tell)

    def _gate(self, parameter, squares):
        # mean^2 > variance/(b - 1) is g^2 > sum c_i^2, since variance = b sum c_i^2 - g^2.
        shares = self._steps[parameter].gradient.square().div_(squares)
        scale = (self._ratio * self._ratio).to(shares.device, non_blocking=True)
        return (shares > scale * (1 + _TIE_MARGIN)).sum(), (shares < scale * (self.batch * (1 - _VARIANCE_FLOOR))).sum()

    def _judge(self, values):
        factor, *rest = values.tolist()
        for k, (capture, _) in enumerate(self._found):
            tt, tg, gg = rest[3 * k : 3 * k + 3]
            if not math.isfinite(gg) or not math.isfinite(factor) or capture.reason is not None:
                continue
            residual = max(0.0, gg - 2 * factor * tg + factor * factor * tt)
            if residual > self._tolerances[k] ** 2 * gg + 1e-24:
                capture.reason = self._missing[capture.layer.name] = "its examples do not add up to its gradient"
            else:
                self.kept[k] = True
        self.factor = self._clip() if self._shared else factor

    def _fill(self, columns, places, values):
        covered = {capture.layer.index for k, (capture, _) in enumerate(self._found) if self.kept[k]}
        mean = columns.values.get(Statistic.SELF_MEAN_SQ)
        if mean is not None:
            for index in set(range(columns.count)) - covered:
                mean[index] = math.nan
        for (k, statistic), value in zip(places, values):
            index = self._found[k][0].layer.index
            if statistic not in columns.values:
                columns.values[statistic] = array("d", [0.0 if i in covered else math.nan for i in range(columns.count)])
            columns.values[statistic][index] += value if statistic in (Statistic.GATE_OPEN, Statistic.GATE_TOTAL) else self.factor * self.factor * value


def _products(sums, by_parameter, own):
    """|total|^2, <total, gradient>, |gradient|^2 of a layer, in float64."""
    result = 0
    for parameter, total in sums.totals():
        gradient = by_parameter[parameter] if own else by_parameter[parameter].gradient
        t, g = total.reshape(-1), gradient.reshape(-1)
        result = result + torch.stack([(t * t).sum(dtype=torch.float64), (t * g).sum(dtype=torch.float64), (g * g).sum(dtype=torch.float64)])
    return result


def _ratio(products):
    """<t, g>/|t|^2, the median over the layers, where they lie; NaN where none says anything."""
    tt, tg, gg = products.unbind(1)
    said = (tt > 0) & gg.isfinite()
    ratios = torch.where(said, tg / tt, torch.full_like(tt, math.inf)).sort()[0]
    count = said.sum()
    middle = ratios.gather(0, torch.div(count, 2, rounding_mode="floor").reshape(1))[0]
    middle = torch.where((middle - 1).abs() <= _ONE, torch.ones_like(middle), middle)
    return torch.where(count > 0, middle, torch.full_like(middle, math.nan))


def _forward_hook(captures, on_error):
    # A plain function: a user's copy.deepcopy(model) copies a module's hooks, functions by reference; the copy's modules are not among the captures.
    def forward(module, inputs, output):
        try:
            capture = captures.get(module)
            if capture is None or capture.reason is not None or not torch.is_grad_enabled() or not output.requires_grad or capturing():
                return
            capture.forward(inputs[0])
            output.register_hook(backward_of(capture))
        except Exception as error:  # a hook of ours must not end a forward pass
            on_error(error)

    def backward_of(capture):
        def backward(gradient):
            try:
                capture.backward(gradient)
            except Exception as error:  # nor a backward pass
                on_error(error)

        return backward

    return forward
