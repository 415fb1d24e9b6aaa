"""The statistics that need no more than gradients, weights and the optimizer's state. All are taken before the step: the update is predicted from the state, the previous one is
still in it. In pieces where the parameter is in memory (chunks.py); else by torch operations on whatever device, in float64, stacked into one tensor and read once."""

import math
from array import array

import torch

from .._enums import Statistic
from . import chunks
from .layers import NOT_ADDITIVE
from .ranks import local

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
        self.has_update = self.has_cross = self.skipped = False

    def prepare(self, second):
        """Gradients. `second`: the step before was looked at too. False where the optimizer will leave this step out."""
        self.steps, self.skipped = [], False
        scales = {}
        for parameter in self._map.parameters:
            gradient = parameter.tensor.grad
            if gradient is None:
                continue
            gradient = local(gradient)
            gradient = (gradient.to_dense() if gradient.is_sparse else gradient).detach()
            optimizer = parameter.rule.optimizer
            if id(optimizer) not in scales:
                scales[id(optimizer)] = _unscale(optimizer)
            self.steps.append(ParameterStep(parameter, gradient, scales[id(optimizer)], second))
        # Optimizers that unscale themselves hold the scaler's answer on the device: asked for only at the steps that are looked at.
        found = {id(p.rule.optimizer): getattr(p.rule.optimizer, "found_inf", None) for p in self._map.parameters}
        self.skipped = any(f is not None and float(f) > 0 for f in found.values())
        self.has_update = bool(self.steps) and all(step.known for step in self.steps)
        self.has_cross = bool(self.steps) and second and all(self._can_cross(step) for step in self.steps if step.parameter.counts and step.raw.numel())
        return not self.skipped

    def take(self, step_number, self_terms, save):
        """Columns by statistic: an array('d') with a value a layer. `save`: the next step will want this update."""
        self._columns, self._later = {}, []
        self._elements = [0] * len(self._map.layers)
        having = {id(step.parameter): step for step in self.steps}
        gate = step_number % GATE_INTERVAL == 0
        for parameter in self._map.parameters:
            step = having.get(id(parameter))
            if not parameter.counts or not parameter.local.numel():
                parameter.learning_rate = float(parameter.group["lr"])
                continue
            if step is None:
                self._queue(Statistic.WEIGHT_SQ, parameter.layer.index, parameter.local.to(torch.float64).square().sum())
                continue
            if not step.known:
                self._gradient_only(step)
                self._snapshots.read(step, self._put, self.has_cross)
            elif not self._in_pieces(step, self_terms, gate):
                self._by_operations(step, self_terms, gate)
            parameter.saved = _saved(step) if save and step.known and parameter.rule.must_save(parameter) else None
            parameter.learning_rate = float(parameter.group["lr"])
            step.forget()
        if self._later:
            for (statistic, index), value in zip((place for place, _ in self._later), torch.stack([value for _, value in self._later]).tolist()):
                self._put(statistic, index, value)
        if self._map.sharded:
            for statistic in NOT_ADDITIVE:
                self._columns.pop(statistic, None)
        stale = self._columns.get(Statistic.RMS_STALENESS)
        if stale is not None:
            for index, total in enumerate(stale):
                stale[index] = math.sqrt(total / self._elements[index]) if self._elements[index] else math.nan
        return self._columns

    def _can_cross(self, step):
        return step.parameter.rule.has_previous(step.parameter) if step.known else self._snapshots.has(step.parameter)

    def _in_pieces(self, step, self_terms, gate):
        rule, parameter, g, w = step.parameter.rule, step.parameter, step.raw, step.weight
        m, v = rule.moments(parameter)
        if rule.pieces is None or not chunks.fits(*(t for t in (g, w, m, v, parameter.saved) if t is not None)) or (rule.pieces == "adam" and (v is None or parameter.group.get("amsgrad"))):
            return False
        index, unscale = parameter.layer.index, step.unscale
        if rule.pieces == "linear":
            u = rule.linear(parameter)
            saved = parameter.saved if self.has_cross and rule.must_save(parameter) else None
            gg, gw, ww, own, uu, ff, (gm, gs) = u.sums(g, w, m, saved, unscale, self._buffers)
            self._common(step, gg, gw, ww, own, uu)
            if parameter.group["momentum"]:
                self._put(Statistic.MOMENTUM_SQ, index, ff)
            if self_terms:
                self._put(Statistic.SELF_MEAN_SQ, index, u.gain * gg)
            if self.has_cross:
                self._put(Statistic.CROSS, index, gs if saved is not None else gm * parameter.learning_rate)
            return True
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
            self._elements[index] += g.numel()
        return True

    def _common(self, step, gg, gw, ww, own, uu):
        index = step.parameter.layer.index
        for statistic, value in ((Statistic.GRAD_SQ, gg), (Statistic.GRAD_DOT_WEIGHT, gw), (Statistic.WEIGHT_SQ, ww), (Statistic.OWN, own), (Statistic.UPDATE_SQ, uu)):
            self._put(statistic, index, value)
        # A sum that is finite has no term that is not.
        bad = 0 if math.isfinite(gg) else step.raw.numel() - int(torch.count_nonzero(torch.isfinite(step.raw)))
        self._put(Statistic.NONFINITE, index, bad)

    def _gradient_only(self, step):
        g, w, index = step.gradient.to(torch.float64), step.weight.to(torch.float64), step.parameter.layer.index
        self._queue(Statistic.GRAD_SQ, index, g.square().sum())
        self._queue(Statistic.GRAD_DOT_WEIGHT, index, (g * w).sum())
        self._queue(Statistic.WEIGHT_SQ, index, w.square().sum())
        self._queue(Statistic.NONFINITE, index, g.numel() - torch.isfinite(g).sum().to(torch.float64))

    def _by_operations(self, step, self_terms, gate):
        self._gradient_only(step)
        g, p, index, rule = step.gradient.to(torch.float64), step.prediction, step.parameter.layer.index, step.parameter.rule
        self._queue(Statistic.OWN, index, (g * p.update).sum())
        self._queue(Statistic.UPDATE_SQ, index, p.update.to(torch.float64).square().sum())
        if self_terms:
            self._queue(Statistic.SELF_MEAN_SQ, index, (g.square() * p.gain).sum())
        if p.first is not None:
            self._queue(Statistic.MOMENTUM_SQ, index, p.first.to(torch.float64).square().sum())
        if p.second is not None:
            self._queue(Statistic.SECOND_MOMENT_SUM, index, p.second.sum(dtype=torch.float64))
            if gate:
                mean, second = rule.unbiased(step.parameter, p)
                self._queue(Statistic.GATE_OPEN_PROXY, index, (mean.square() > second - mean.square()).sum().to(torch.float64))
                self._queue(Statistic.GATE_TOTAL_PROXY, index, (second > 0).sum().to(torch.float64))
        if self.has_cross:
            self._queue(Statistic.CROSS, index, (g * step.previous).sum())
            root = rule.root_before(step.parameter)
            if root is not None:
                self._queue(Statistic.RMS_STALENESS, index, (g / root).square().sum())
                self._elements[index] += g.numel()

    def _put(self, statistic, index, value):
        column = self._columns.get(statistic)
        if column is None:
            column = self._columns[statistic] = array("d", bytes(8 * len(self._map.layers)))
        column[index] += value

    def _queue(self, statistic, index, value):
        self._later.append(((statistic, index), value.reshape(())))


def _unscale(optimizer):
    # Set by a GradScaler around the step of an optimizer that unscales itself; None: the gradients are unscaled.
    scale = getattr(optimizer, "grad_scale", None)
    return None if scale is None else scale.detach().reciprocal()


def _saved(step):
    rule, parameter = step.parameter.rule, step.parameter
    m, _ = rule.moments(parameter)
    if rule.pieces != "linear":
        return step.prediction.update.clone()
    a, b, c = rule.linear(parameter).update
    saved = step.gradient * a
    if b:
        saved.add_(step.weight.to(saved.dtype), alpha=b)
    return saved.add_(m.to(saved.dtype), alpha=c) if c and m is not None else saved
