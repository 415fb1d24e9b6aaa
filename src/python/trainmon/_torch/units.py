"""Sums over the units of one step: examples where layers allow it, else the backward passes of an accumulated step; and the regression on the lag."""

from .._enums import OF_UNITS, Statistic
from .exact import ExactSet
from .lags import LagTracker, lag_sums
from .micro import MicroSet


class UnitSet:
    """What is hooked into layers and parameters for the steps that want it. `describe` is called when a layer was refused."""

    def __init__(self, layer_map, momentum, ranks, only_norms, on_error, describe):
        self._ranks, self._describe = ranks, describe
        self.exact = ExactSet(layer_map, on_error, only_norms)
        self._micro = MicroSet(layer_map, on_error, ranks > 1)
        self.lags = LagTracker(momentum)
        self._measured = None

    def arm(self, plan):
        """For the coming passes."""
        self.exact.arm(True)
        self._micro.arm(plan.exact or self._ranks > 1)

    def close(self):
        """Hooks off."""
        self.exact.arm(False)
        self._micro.arm(False)
        self._measured = None

    def measure(self, report, cheap, numbers, lag, scaled):
        """Before the cheap set: it overwrites saved updates."""
        own = self._micro.own()
        known = len(self.exact.missing)
        self._measured = None
        if own is None or not scaled:  # else: whether it was clipped besides cannot be told from this rank alone
            clip = report.values
            self._measured = self.exact.measure(cheap.steps, numbers, own, lambda: 1.0 if clip.clip_coefficient is None else clip.clip_coefficient)
        if self._measured is not None:
            numbers.then(lambda: self._describe() if len(self.exact.missing) != known else None)
        z = self.lags.at(report.step) if lag and cheap.has_cross and self._ranks == 1 else None  # what other ranks saw is not known here: an example that seems new may be one of theirs
        if z is not None and self._measured is not None:
            self._measured.cross(numbers, lambda cross: _regress(report, cross, z()))

    def take(self, report, cheap, columns, numbers, scaled, batch_size):
        """After the cheap set."""
        measured = self._measured
        if measured is not None and measured.batch >= 2:
            report.exact, report.unit_count, report.unit_size, report.batch_size = True, measured.batch, 1, measured.batch
            measured.fill(columns, numbers, cheap.has_update)
            numbers.then(lambda: self._settle(report, columns, measured, scaled))
        elif not self._take_passes(report, cheap, columns, numbers, scaled, batch_size):
            numbers.then(lambda: _drop(columns))

    def _settle(self, report, columns, measured, scaled):
        if not measured.any:
            report.exact, report.unit_count, report.unit_size = False, 0, 0
            _drop(columns)
        elif report.values.clip_coefficient is None and not scaled and self._ranks == 1:
            report.values.clip_coefficient = measured.factor

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
