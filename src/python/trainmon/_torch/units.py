"""Sums over the units of one step: examples where layers allow it, else the backward passes of an accumulated step, or ranks; and the regression on the lag."""

import math

import torch

from .._enums import OF_UNITS, Statistic
from .exact import ExactSet
from .lags import LagTracker, lag_sums
from .micro import MicroSet
from .rank_noise import RankNoise


class UnitSet:
    """What is hooked into layers and parameters for the steps that want it. `describe` is called when a layer was refused."""

    def __init__(self, layer_map, momentum, ranks, which, on_error, describe):
        self._ranks, self._on_error, self._describe = ranks, on_error, describe
        self.exact = ExactSet(layer_map, on_error, which)
        self.noise = None  # RankNoise, where the user asked for it
        self._factor = math.nan  # between this rank's gradient and what the optimizer sees of it, as the noise tells
        self._micro = MicroSet(layer_map, on_error, ranks > 1)
        self.lags = LagTracker(momentum)
        self._measured = self._own = None
        self._every = range(len(layer_map.layers))

    @property
    def self_layers(self):
        """Indices of the layers whose self terms this step can have."""
        if self._measured is not None:
            return self.exact.covered
        return self._every if self.noise is not None and self._own is not None else ()

    def arm(self, plan):
        """For the coming passes."""
        self.exact.arm(True)
        if self.noise is None:
            self._micro.arm(plan.exact or self._ranks > 1)
        else:
            self.noise.arm(True)

    def watch_ranks(self, module, hook, state, plan):
        """A communication hook on a DDP module that takes this rank's gradients. `plan`: of the coming step, if that is looked at."""
        noise = RankNoise(self._on_error)
        noise.register(module, hook, state)
        self.noise = noise
        self.close()
        if plan is not None and plan.capture:
            self.arm(plan)

    def close(self):
        """Hooks off."""
        self.exact.arm(False)
        self._micro.arm(False)
        if self.noise is not None:
            self.noise.arm(False)
        if self._measured is not None:
            self._measured.release()
        self._measured = self._own = None

    def follow(self, before):
        """Takes over what a set before this one remembers of examples and ranks."""
        self.lags, self.noise = before.lags, before.noise

    def release(self):
        """Forgets the layers."""
        self.close()
        self.exact.release()

    def measure(self, report, cheap, numbers, lag, scaled):
        """Before the cheap set: it overwrites saved updates."""
        known = len(self.exact.missing)
        self._measured, told, values = None, self.noise is not None, report.values
        self._own = own = self._of_this_rank(cheap, numbers) if told else self._micro.own()
        # What was done to the gradient is told by the reduction, by the user, or by the examples; with a scaler and several ranks by the first alone.
        if own is not None if told else own is None or not scaled:
            self._measured = self.exact.measure(cheap.steps, numbers, own, lambda: self._factor if told else 1.0 if values.clip_coefficient is None else values.clip_coefficient)
        if self._measured is not None:
            numbers.then(lambda: self._describe() if len(self.exact.missing) != known else None)
        z = self.lags.at(report.step) if lag and cheap.has_cross and self._ranks == 1 else None  # what other ranks saw is not known here: an example that seems new may be one of theirs
        if z is not None and self._measured is not None:
            self._measured.cross(numbers, lambda cross: _regress(report, cross, z()))

    def _of_this_rank(self, cheap, numbers):
        """Gradients before the reduction by parameter, or None; and the factor to what the optimizer sees."""
        own = self.noise.gradients()
        if own is None or any(id(step.parameter.tensor) not in own for step in cheap.steps):
            return None
        seen = torch.stack([step.gradient.square().sum(dtype=torch.float64) for step in cheap.steps]).sum()
        numbers.add((seen / self.noise.reduced_square()).sqrt(), self._set_factor)
        return {step.parameter: own[id(step.parameter.tensor)] for step in cheap.steps}

    def _set_factor(self, told):
        self._factor = 1.0 if abs(float(told[0]) - 1) <= 1e-6 else float(told[0])

    def take(self, report, cheap, columns, numbers, scaled, batch_size):
        """After the cheap set."""
        measured = self._measured
        if measured is not None and measured.batch >= 2:
            report.exact, report.unit_count, report.unit_size, report.batch_size = True, measured.batch, 1, measured.batch
            measured.fill(columns, numbers, cheap.has_update)
            numbers.then(lambda: self._settle(report, columns, measured, scaled))
        elif self.noise is not None:
            self._take_rank(report, cheap, columns, numbers, batch_size)
        elif not self._take_passes(report, cheap, columns, numbers, scaled, batch_size):
            numbers.then(lambda: _drop(columns))

    def _settle(self, report, columns, measured, scaled):
        if not measured.any:
            report.exact, report.unit_count, report.unit_size = False, 0, 0
            _drop(columns)
        elif report.values.clip_coefficient is None and not scaled and self._ranks == 1:
            report.values.clip_coefficient = measured.factor

    def _take_rank(self, report, cheap, columns, numbers, batch_size):
        """This rank's batch is one unit: |g_r|^2 and sum P g_r^2, which the server averages over ranks."""
        if self._own is None or not batch_size:
            numbers.then(lambda: _drop(columns))
            return
        places, values = [], []
        for step in cheap.steps:
            square = self._own[step.parameter].to(step.gradient.dtype).square()
            places.append((Statistic.EXAMPLE_GRAD_SQ, step.parameter.layer.index))
            values.append(square.sum(dtype=torch.float64))
            if cheap.has_update:
                places.append((Statistic.SELF_SECOND_MOMENT, step.parameter.layer.index))
                values.append((square * step.prediction.gain).sum(dtype=torch.float64))
                step.forget()

        def told(sums):
            scale = self._factor**2
            for (statistic, index), value in zip(places, sums.tolist()):
                columns.put(statistic, index, scale * value)

        numbers.add(torch.stack([value.to(values[0].device, non_blocking=True) for value in values]), told)
        report.unit_count, report.unit_size, report.batch_size = 1, batch_size, batch_size

    def _take_passes(self, report, cheap, columns, numbers, scaled, batch_size):
        units, batch = self._micro.units, batch_size or self.exact.examples
        if units < (1 if self._ranks > 1 else 2) or batch % units or not batch or (self._ranks > 1 and scaled):
            return False

        def told(column):
            _drop(columns)
            if column is not None:
                columns.values[Statistic.EXAMPLE_GRAD_SQ] = column
                report.unit_count, report.unit_size, report.batch_size = units, batch // units, batch

        return self._micro.example_grad_sq(cheap.steps, numbers, told)


def _regress(report, cross, z):
    if len(cross) == len(z):
        report.lag = lag_sums(cross, z)


def _drop(columns):
    for statistic in OF_UNITS:
        columns.values.pop(statistic, None)
