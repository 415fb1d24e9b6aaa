"""The statistics that need no more than gradients, weights and the optimizer's state. All are taken before the step: the update is predicted from the state, the previous one is
still in it. In pieces where the parameter is in memory (chunks.py); else by torch operations on whatever device, whose sums are read together when they are there (columns.py)."""

import math

import torch

from .._enums import Statistic
from . import chunks, threads
from .columns import Columns
from .ranks import local
from .readout import number

# The proxy of the gate costs three passes of twenty: it is taken at the steps that are multiples of this.
GATE_INTERVAL = 8


class ParameterStep:
    """A parameter that has a gradient at this step, and what the step will do to it."""

    def __init__(self, parameter, raw, unscale, second):
        self.parameter, self.raw, self.unscale = parameter, raw, unscale
        self.second = second and parameter.learning_rate is not None
        self._previous = self._prediction = None

    @property
    def weight(self):
        return self.parameter.local

    @property
    def known(self):
        """Whether the optimizer's formula is."""
        return self.parameter.rule.knows(self.parameter)

    @property
    def gradient(self):
        """What the optimizer will take."""
        gradient = self.raw if self.raw.dtype in (torch.float32, torch.float64) else self.raw.float()
        return gradient if self.unscale is None else gradient * self.unscale

    @property
    def previous(self):
        """u_{t-1}, or None."""
        if self._previous is None and self.second and self.known:
            self._previous = self.parameter.rule.previous(self.parameter, self.weight.to(self.gradient.dtype))
        return self._previous

    @property
    def prediction(self):
        """u_t and what comes with it, or None."""
        if self._prediction is None and self.known:
            gradient = self.gradient
            self._prediction = self.parameter.rule.predict(self.parameter, gradient, self.weight.to(gradient.dtype))
        return self._prediction

    def forget(self):
        """What is of the parameter's size goes."""
        self._previous = self._prediction = None


class CheapSet:
    """Reads one step."""

    def __init__(self, layer_map, snapshots):
        self._map, self._snapshots = layer_map, snapshots
        self._buffers = chunks.Buffers()
        self.steps = []
        self.found = []
        self.has_update = self.has_cross = False

    def prepare(self, second):
        """Gradients. `second`: the step before was looked at too. False where the optimizer will leave this step out, as far as is known here; `found` holds what a device has yet to say of it."""
        self.steps = []
        scales, found = {}, {}
        for parameter in self._map.parameters:
            optimizer = parameter.rule.optimizer
            if id(optimizer) not in scales:
                scales[id(optimizer)] = _unscale(optimizer)
                found[id(optimizer)] = getattr(optimizer, "found_inf", None)  # of optimizers that unscale themselves
            gradient = parameter.tensor.grad
            if gradient is not None:
                gradient = local(gradient)
                gradient = (gradient.to_dense() if gradient.is_sparse else gradient).detach()
                self.steps.append(ParameterStep(parameter, gradient, scales[id(optimizer)], second))
        answers = [number(answer) for answer in found.values() if answer is not None]
        self.found = [answer for answer in answers if isinstance(answer, torch.Tensor)]
        self.has_update = bool(self.steps) and all(step.known for step in self.steps)
        self.has_cross = bool(self.steps) and second and all(self._can_cross(step) for step in self.steps if step.parameter.counts and step.raw.numel())
        return not any(answer > 0 for answer in answers if isinstance(answer, float))

    def take(self, step_number, self_layers, save):
        """Columns. `self_layers`: indices of the layers whose self terms are wanted; `save`: the next step will want this update."""
        with threads.alone():
            return self._take(step_number, self_layers, save)

    def _take(self, step_number, self_layers, save):
        self._columns = columns = Columns(len(self._map.layers))
        having = {id(step.parameter): step for step in self.steps}
        gate = step_number % GATE_INTERVAL == 0
        # Last first, here and in the pieces: what the optimizer begins with is then in the cache.
        for parameter in reversed(self._map.parameters):
            step = having.get(id(parameter))
            if not parameter.counts or not parameter.local.numel():
                parameter.learning_rate = number(parameter.group["lr"])
                continue
            if step is None:
                columns.queue(Statistic.WEIGHT_SQ, parameter.layer.index, parameter.local.square().sum(dtype=torch.float64))
                continue
            self_terms = parameter.layer.index in self_layers
            if not step.known:
                self._gradient_only(step)
                self._snapshots.read(step, columns, self.has_cross)
                parameter.saved = None
            elif not self._in_pieces(step, self_terms, gate, save):
                self._by_operations(step, self_terms, gate)
                parameter.saved = step.prediction.update.clone() if save and parameter.rule.must_save(parameter) else None
            parameter.learning_rate = number(parameter.group["lr"])
            step.forget()
        return columns

    def _can_cross(self, step):
        return step.parameter.rule.has_previous(step.parameter) if step.known else self._snapshots.has(step.parameter)

    def _in_pieces(self, step, self_terms, gate, save):
        rule, parameter, g, w = step.parameter.rule, step.parameter, step.raw, step.weight
        m, v = rule.moments(parameter)
        if rule.pieces is None or not chunks.fits(*(t for t in (g, w, m, v, parameter.saved) if t is not None)) or (rule.pieces == "adam" and (v is None or parameter.group.get("amsgrad"))):
            return False
        index, unscale = parameter.layer.index, step.unscale
        if rule.pieces == "linear":
            u = rule.linear(parameter)
            saved = parameter.saved if self.has_cross and rule.must_save(parameter) else None
            # In the memory of the one before: fresh memory of this size is paged in anew each time.
            keep = (torch.empty_like(w) if parameter.saved is None else parameter.saved) if save and rule.must_save(parameter) else None
            gg, gw, ww, own, uu, ff, (gm, gs) = u.sums(g, w, m, saved, unscale, self._buffers, keep)
            parameter.saved = keep
            self._common(step, gg, gw, ww, own, uu)
            if parameter.group["momentum"]:
                self._put(Statistic.MOMENTUM_SQ, index, ff)
            if self_terms:
                self._put(Statistic.SELF_MEAN_SQ, index, u.gain * gg)
            if self.has_cross:
                self._put(Statistic.CROSS, index, gs if saved is not None else gm * parameter.learning_rate)
            return True
        parameter.saved = None
        u = rule.adam(parameter)
        wanted = {name for name, on in (("cross", self.has_cross), ("gate", gate), ("self", self_terms)) if on}
        s = u.sums(g, w, m, v, unscale, self._buffers, wanted)
        self._common(step, s["gg"], s["gw"], s["ww"], u.scale * s["gu"] + u.decay * s["gw"], u.scale**2 * s["uu"] + 2 * u.scale * u.decay * s["wu"] + u.decay**2 * s["ww"])
        self._put(Statistic.MOMENTUM_SQ, index, s["mm"])
        self._put(Statistic.SECOND_MOMENT_SUM, index, s["v"])
        if self_terms:
            self._put(Statistic.SELF_MEAN_SQ, index, s["self"] * u.gain)
        if gate:
            self._put(Statistic.GATE_OPEN_PROXY, index, s["open"])
            self._put(Statistic.GATE_TOTAL_PROXY, index, s["total"])
        if self.has_cross:
            lost = rule.lost(parameter)
            self._put(Statistic.CROSS, index, (lost * s["gw"] + u.previous_scale * s["cross"]) / (1 - lost))
            self._put(Statistic.RMS_STALENESS, index, s["stale"] / u.previous_root**2)
            self._columns.staleness(index, g.numel())
        return True

    def _common(self, step, gg, gw, ww, own, uu):
        index = step.parameter.layer.index
        for statistic, value in ((Statistic.GRAD_SQ, gg), (Statistic.GRAD_DOT_WEIGHT, gw), (Statistic.WEIGHT_SQ, ww), (Statistic.OWN, own), (Statistic.UPDATE_SQ, uu)):
            self._put(statistic, index, value)
        # A sum that is finite has no term that is not.
        bad = 0 if math.isfinite(gg) else step.raw.numel() - int(torch.count_nonzero(torch.isfinite(step.raw)))
        self._put(Statistic.NONFINITE, index, bad)

    def _gradient_only(self, step):
        g, w, index, columns = step.gradient, step.weight, step.parameter.layer.index, self._columns
        columns.queue(Statistic.GRAD_SQ, index, _sum(g.square()))
        columns.queue(Statistic.GRAD_DOT_WEIGHT, index, _sum(g * w))
        columns.queue(Statistic.WEIGHT_SQ, index, _sum(w.to(g.dtype).square()))
        columns.queue(Statistic.NONFINITE, index, g.numel() - torch.isfinite(g).sum())

    def _by_operations(self, step, self_terms, gate):
        self._gradient_only(step)
        g, p, index, rule, columns = step.gradient, step.prediction, step.parameter.layer.index, step.parameter.rule, self._columns
        columns.queue(Statistic.OWN, index, _sum(g * p.update))
        columns.queue(Statistic.UPDATE_SQ, index, _sum(p.update.square()))
        if self_terms:
            columns.queue(Statistic.SELF_MEAN_SQ, index, _sum(g.square() * p.gain))
        if p.first is not None:
            columns.queue(Statistic.MOMENTUM_SQ, index, _sum(p.first.square()))
        if p.second is not None:
            columns.queue(Statistic.SECOND_MOMENT_SUM, index, _sum(p.second))
            if gate:
                mean, second = rule.unbiased(step.parameter, p)
                columns.queue(Statistic.GATE_OPEN_PROXY, index, (mean.square() > second - mean.square()).sum())
                columns.queue(Statistic.GATE_TOTAL_PROXY, index, (second > 0).sum())
        if self.has_cross:
            columns.queue(Statistic.CROSS, index, _sum(g * step.previous))
            root = rule.root_before(step.parameter)
            if root is not None:
                columns.queue(Statistic.RMS_STALENESS, index, _sum((g / root).square()))
                columns.staleness(index, g.numel())

    def _put(self, statistic, index, value):
        self._columns.put(statistic, index, value)


def _sum(values):
    return values.sum(dtype=torch.float64)


def _unscale(optimizer):
    # Set by a GradScaler around the step of an optimizer that unscales itself; None: the gradients are unscaled.
    scale = getattr(optimizer, "grad_scale", None)
    return None if scale is None else scale.detach().reciprocal()
