"""What is taken of one step, and what becomes of it when all of its numbers are there."""

import time

import torch

from .._enums import Statistic
from .readout import Numbers


class Look:
    """Knows the step that it looked at last."""

    def __init__(self, layer_map, cheap, units, snapshots):
        self._map, self._cheap, self._units, self._snapshots = layer_map, cheap, units, snapshots
        self._columns = self._plan = None
        self._broken = False  # the update of the report that left last was not made
        self._incomplete = []  # columns whose updates never came

    def take(self, report, numbers, plan, scaled, batch_size):
        """(a function for the report when all is there, the seconds that exact and lag sums took)."""
        if not self._cheap.prepare(plan.second):
            report.skipped = True
            return self._leave_out, 0.0
        overflow = []
        for found in self._cheap.found:  # the optimizer asks its device, and so do we
            numbers.add(found, lambda told: overflow.append(float(told[0])))
        if not self._cheap.has_cross:
            report.pair_invalid = plan.second
        dear, begin = 0.0, time.perf_counter()
        if plan.capture:
            self._units.measure(report, self._cheap, numbers, plan.lag, scaled)
            dear = time.perf_counter() - begin
        self_terms = self._units.self_layers if plan.exact and self._cheap.has_update else ()
        self._columns, self._plan = columns, _ = self._cheap.take(report.step, self_terms, plan.first), plan
        columns.read(numbers)
        if plan.exact:
            begin = time.perf_counter()
            self._units.take(report, self._cheap, columns, numbers, scaled, batch_size)
            dear += time.perf_counter() - begin
        self._cheap.steps = []  # gradients that the user lets go of must go
        return lambda complete: self._finish(complete, columns, overflow), dear

    def complete(self):
        """After the step: what its weights say of an update whose formula is not known."""
        numbers = Numbers()
        with torch.no_grad():
            self._snapshots.complete(self._columns, self._plan.first)
            self._columns.read(numbers)
        return numbers

    def flush(self):
        """The step failed, or this is the end: half a sum is none."""
        if self._snapshots.waiting:
            self._snapshots.clear()
            self._incomplete.append(self._columns)

    def _finish(self, report, columns, overflow):
        columns.finish(self._map.sharded)
        report.columns = columns.values
        if columns in self._incomplete:
            self._incomplete.remove(columns)
            for statistic in (Statistic.OWN, Statistic.UPDATE_SQ):
                report.columns.pop(statistic, None)
        if self._broken and Statistic.CROSS in report.columns:
            for statistic in (Statistic.CROSS, Statistic.DECAY_CROSS):
                report.columns.pop(statistic, None)
            report.lag, report.pair_invalid = None, True
        self._broken = any(value > 0 for value in overflow)
        if self._broken:
            self._leave_out(report)

    def _leave_out(self, report):
        report.skipped, report.columns, report.lag, report.exact = True, {}, None, False
        report.unit_count = report.unit_size = 0
