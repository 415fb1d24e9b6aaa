"""One watched optimizer. Everything here may raise; the monitor catches it, says it once and turns itself off."""

import time

import torch

from .._enums import Sampling, Statistic
from .._report import RunDescription, StepReport, StepValues
from .cheap import CheapSet
from .exact import ExactSet
from .lags import LagTracker, lag_sums
from .layers import LayerMap, declarations
from .rules import rule_of
from .schedule import StepSchedule

_STATISTICS = (
    Statistic.GRAD_SQ, Statistic.EXAMPLE_GRAD_SQ, Statistic.OWN, Statistic.CROSS, Statistic.SELF_SECOND_MOMENT, Statistic.SELF_MEAN_SQ, Statistic.GRAD_DOT_WEIGHT,
    Statistic.WEIGHT_SQ, Statistic.UPDATE_SQ, Statistic.MOMENTUM_SQ, Statistic.SECOND_MOMENT_SUM, Statistic.NONFINITE)


class WatchSession:
    """Called around each optimizer step, on the training thread."""

    def __init__(self, model, optimizer, options, sender):
        self._optimizer, self._options, self._sender = optimizer, options, sender
        self._map = LayerMap(model, optimizer)
        if not self._map.parameters:
            raise ValueError("the optimizer holds no trainable parameter")
        self._rule = rule_of(optimizer)
        self._cheap = CheapSet(self._map, self._rule)
        self._error = None
        self._exact = ExactSet(self._map, self._failed)
        self._lags = LagTracker(self._rule.momentum)
        self._schedule = StepSchedule(options.budget, options.pair_interval, options.exact_interval, self._exact.any)
        self.step = options.first_step
        self._ids = None
        self._ids_given = False
        self._next_values = {}
        self._batch_size = 0
        self._pending = None
        self._started = None
        self._last_cost = 0.0
        self._samples = 0
        sender.send(self._map.table(declarations(_STATISTICS)))
        self._describe()
        self._plan_next()

    def log(self, values, batch_size, ids):
        """Values of the step that was made last if it has no loss yet, else of the coming one: a user may log before or after the step."""
        if ids is not None:
            self._ids = [int(i) for i in (ids.tolist() if isinstance(ids, torch.Tensor) else ids)]
            self._ids_given = True
        self._batch_size = batch_size or (len(self._ids) if self._ids else 0) or self._options.batch_size or 0
        if not values:
            return
        if self._pending is not None and self._pending.values.loss is None and "loss" in values:
            self._apply(self._pending.values, values)
        elif "loss" in values or self._pending is None:
            self._next_values.update(values)
        else:
            self._apply(self._pending.values, values)

    def before_update(self):
        """Takes what is due at this step. The optimizer has not stepped yet."""
        if self._error is not None:
            raise self._error
        begin = time.perf_counter()
        self.flush()
        whole = 0.0 if self._started is None else begin - self._started - self._last_cost
        z = self._lags.lags(self._ids, self.step) if self._plan.lag and self._ids else None
        if self._ids:
            self._lags.remember(self._ids, self.step)
        self._samples += self._batch_size
        dear = 0.0
        if self._plan.cheap:
            report = StepReport(self.step, values=StepValues(), batch_size=self._batch_size)
            self._apply(report.values, self._next_values)
            dear = self._take(report, z)
            if self._started is not None:
                report.values.monitor_seconds = time.perf_counter() - begin
                report.values.step_seconds = whole + report.values.monitor_seconds
            self._pending = report
        self._next_values, self._ids = {}, None
        cost = time.perf_counter() - begin
        if self._started is not None and self._schedule.record(self._plan, whole, cost - dear, dear):
            self._describe()
        self._started, self._last_cost = begin, time.perf_counter() - begin

    def after_update(self):
        """Prepares the next step."""
        self.step += 1
        self._plan_next()

    def flush(self):
        """Sends the report that waited for values logged after its step."""
        if self._pending is not None:
            report, self._pending = self._pending, None
            self._sender.report(report)

    def close(self):
        """Takes the hooks off."""
        self._exact.arm(False)

    def _take(self, report, z):
        with torch.no_grad():
            self._cheap.prepare(self._plan.second, self._plan.first)
            report.pair_invalid = self._plan.second and not self._cheap.has_cross
            begin = time.perf_counter()
            if z is not None and self._cheap.has_cross:
                cross = self._exact.cross(self._cheap.steps)
                if cross is not None and len(cross) == len(z):
                    report.lag = lag_sums(cross, z)
            dear = time.perf_counter() - begin
            report.columns = self._cheap.take()
            begin = time.perf_counter()
            if self._plan.exact:
                known = len(self._exact.missing)
                examples = self._exact.fill(report.columns, self._cheap.steps, self._cheap.has_update)
                if examples >= 2:
                    report.exact, report.unit_count, report.unit_size, report.batch_size = True, examples, 1, examples
                else:
                    for statistic in (Statistic.EXAMPLE_GRAD_SQ, Statistic.SELF_SECOND_MOMENT, Statistic.SELF_MEAN_SQ):
                        report.columns.pop(statistic, None)
                if len(self._exact.missing) != known:
                    self._describe()
            else:
                # Without the number of units the term says nothing.
                report.columns.pop(Statistic.SELF_MEAN_SQ, None)
            dear += time.perf_counter() - begin
        if self._plan.capture:
            self._exact.arm(False)
        return dear

    def _apply(self, values, given):
        for name, value in given.items():
            setattr(values, name, float(value.detach()) if isinstance(value, torch.Tensor) else float(value))
        group = self._optimizer.param_groups[0]
        values.learning_rate = float(group["lr"]) if values.learning_rate is None else values.learning_rate
        if self._samples:
            values.samples = float(self._samples)
            if self._options.dataset_size:
                values.epoch = self._samples / self._options.dataset_size

    def _plan_next(self):
        self._schedule.thinning = self._sender.thinning
        self._plan = self._schedule.plan(self.step)
        if self._plan.capture:
            self._exact.arm(True)

    def _describe(self):
        options = self._options
        description = RunDescription(
            self._rule.describe(), options.dataset_size or 0, options.batch_size or 0, Sampling[(options.sampling or "unspecified").upper()], parameters=sum(p.tensor.numel() for p in self._map.parameters),
            schedule=self._schedule.message(), report_promise_seconds=300.0, tags=dict(options.tags))
        for layer, reason in self._exact.missing.items():
            description.unavailable[f"example_grad_sq/{layer}"] = reason
        if not self._ids_given and self.step > self._options.first_step:
            description.unavailable["cross_by_lag"] = "no example ids"
        if not all(self._rule.knows(parameter) for parameter in self._map.parameters):
            description.unavailable["own"] = description.unavailable["cross"] = f"the update of {type(self._optimizer).__name__} is not known"
        self._sender.send(description)

    def _failed(self, error):
        self._error = error
