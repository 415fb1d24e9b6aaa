"""One watched run. Everything here may raise; the monitor catches it, says it once and turns itself off."""

import time

import torch

from .._enums import Statistic
from .._report import LogScalars, StepReport, StepValues
from .cheap import CheapSet
from .describe import RunDescriber, VALUES
from .exact import ExactSet
from .lags import LagTracker, lag_sums
from .layers import LayerMap, compiled, declarations
from .micro import MicroSet
from .ranks import rank, world_size
from .rules import rule_of
from .schedule import StepSchedule
from .snapshot import Snapshots

# Counted for every step; all other values are wanted only where the step is looked at.
_ALWAYS = frozenset(VALUES) - {"held_out_loss", "held_out_accuracy"}
_OF_UNITS = (Statistic.EXAMPLE_GRAD_SQ, Statistic.SELF_SECOND_MOMENT, Statistic.SELF_MEAN_SQ)


class WatchSession:
    """Called around each optimizer step, on the training thread. A step that is not looked at counts, compares two numbers and returns."""

    def __init__(self, model, optimizers, options, sender):
        self._options, self._sender = options, sender
        self._rules = [rule_of(optimizer) for optimizer in optimizers]
        self._map = LayerMap(model, self._rules)
        if not self._map.parameters:
            raise ValueError("the optimizer holds no trainable parameter")
        self._snapshots = Snapshots()
        self._cheap = CheapSet(self._map, self._snapshots)
        self._error = None
        self._ranks = world_size()
        self._exact, self._micro = ExactSet(self._map, self._failed), MicroSet(self._map, self._failed, self._ranks > 1)
        self._lags = LagTracker(self._rules[0].momentum)
        # Hooks make torch.compile compile once more, and what it then fuses may round otherwise: only where the user asks for it.
        left = options.exact_interval is None and compiled(model)
        self._schedule = StepSchedule(options.budget, options.pair_interval, 0 if left or self._map.sharded else options.exact_interval, True)
        self._describer = RunDescriber(options, self._rules, self._map, self._exact, left, self._ranks)
        self._probes = None
        if options.probes is not None:
            from .probes.runner import ProbeRunner

            self._probes = ProbeRunner(model, self._map, options.probes, sender.send, lambda text: sender.trouble("probes", text))
        self.clocks = None
        if options.canaries is not None or options.sentinels is not None:
            from .clocks.clock_set import ClockSet

            self.clocks = ClockSet(model, self._map, options, rank(), self._ranks, sender.trouble)
        self.step, self.skipped = options.first_step, 0
        self.scaled = False  # a GradScaler steps the optimizer: the factor between examples and gradient is not clipping alone
        self._next_values, self._pending = {}, None
        self._wants_loss = False  # the report that waits was looked at and has no loss yet
        self._logs_after = False  # the user logs a step's loss after it
        self.again = None  # the loss of the coming step's batch, computed once more; from the user
        self._batch_size = (options.batch_size or 0) // self._ranks  # of this rank
        self._samples = 0
        self._started = None  # when the step before the one that is looked at began
        self._last_cost = 0.0
        sender.send(self._map.table(declarations(tuple(Statistic), self._map.sharded)))
        self._describe()
        if self.clocks is not None:
            self.clocks.evaluate(self.step)
        self._plan_next()

    def log(self, values, batch_size, ids):
        """Values of the step that was made last if it has no loss yet, else of the coming one: a user may log before or after the step."""
        if ids is not None:
            self._lags.remember(ids, self.step)
            self._batch_size = batch_size or len(ids)
        elif batch_size:
            self._batch_size = batch_size
        if not values or (self.step < self._look and not self._wants_loss and _ALWAYS.issuperset(values) and not self._clock_waits):
            return
        own = {name: float(value) for name, value in values.items() if name not in VALUES and value is not None}
        known = {name: value for name, value in values.items() if name in VALUES and value is not None}
        if own:
            self._sender.send(LogScalars(self.step, own))
        if not known:
            return
        # Clipping comes before its step, and so does what follows something that did.
        coming = "clip_coefficient" in known or bool(self._next_values)
        if self._pending is not None and not coming and ("loss" not in known or self._wants_loss):
            self._logs_after |= "loss" in known
            self._wants_loss &= "loss" not in known
            self._apply(self._pending.values, known)
        elif not (self._logs_after and "loss" in known):  # else it is of the step before, which was not looked at
            self._next_values.update(known)

    @property
    def _clock_waits(self):
        return self.clocks is not None and self.clocks.waiting

    @property
    def due(self):
        """Whether the coming step is looked at."""
        return self.step >= self._look

    def before_update(self):
        """Takes what is due at this step. The optimizer has not stepped yet."""
        self._samples += self._batch_size * self._ranks
        if self._probes is not None and self._probes.due(self.step, self._sender.probe_soon):
            self._look_at_step()
            self._probe()
            return
        if self.step < self._look and not self._next_values and self._pending is None and not self._clock_waits:
            if self.step >= self._look - 1:
                self._started, self._last_cost = time.perf_counter(), 0.0
            return
        self._look_at_step()

    def after_update(self):
        """Prepares the next step."""
        self.step, self.again = self.step + 1, None
        if self._snapshots.waiting:
            self._complete_snapshots()
        self._evaluate()
        if self.step >= self._look:
            self._plan_next()

    def skip(self):
        """The optimizer did not step: its gradient had overflowed."""
        self.flush()
        self.skipped += 1
        self._samples += self._batch_size * self._ranks
        self._sender.report(StepReport(self.step, values=StepValues(), skipped=True, batch_size=self._batch_size))
        self._after_skip()
        self.step, self.again = self.step + 1, None
        self._evaluate()
        self._look = max(self._look, self.step)
        self._plan_next()

    def flush(self):
        """Sends the report that waited for values logged after its step."""
        if self._pending is not None:
            report, self._pending, self._wants_loss = self._pending, None, False
            if self._snapshots.waiting:  # the step failed, or this is the end: half a sum is none
                self._snapshots.clear()
                for statistic in (Statistic.OWN, Statistic.UPDATE_SQ):
                    report.columns.pop(statistic, None)
            self._sender.report(report)

    def close(self):
        """Takes the hooks off."""
        self._exact.arm(False)
        self._micro.arm(False)

    def _look_at_step(self):
        if self._error is not None:
            raise self._error
        begin = time.perf_counter()
        self.flush()
        due = self.step >= self._look
        whole = None if self._started is None else begin - self._started - self._last_cost
        dear = 0.0
        if due or self._next_values or self._clock_waits:
            report = StepReport(self.step, values=StepValues(), batch_size=self._batch_size)
            self._apply(report.values, self._next_values)
            self._next_values = {}
            if self.clocks is not None:
                self.clocks.take(report)
            if due:
                dear = self._take(report)
            if whole is not None and due:
                report.values.monitor_seconds = time.perf_counter() - begin
                report.values.step_seconds = whole + report.values.monitor_seconds
            self._pending, self._wants_loss = report, due and report.values.loss is None
        if due:
            changed = self._schedule.record(self._plan, self.step, whole, time.perf_counter() - begin - dear, dear)
            if changed or self._describer.stale(self._schedule, self._lags):
                self._describe()
        self._started, self._last_cost = (begin, time.perf_counter() - begin) if due else (None, 0.0)

    def _probe(self):
        asked, self._sender.probe_soon = self._sender.probe_soon, False
        with torch.no_grad():
            if self._cheap.prepare(False):
                self._probes.run(self.step, self._cheap.steps, asked, self.again, self._batch_size)
            for step in self._cheap.steps:
                step.forget()
        self._started = None  # the time of this step says nothing

    def _take(self, report):
        plan, dear = self._plan, 0.0
        with torch.no_grad():
            if not self._cheap.prepare(plan.second):
                report.skipped = True
                self.skipped += 1
                self._after_skip()
                return 0.0
            if not self._cheap.has_cross:
                report.pair_invalid = plan.second
            if plan.capture:
                begin = time.perf_counter()
                factor = self._measure(report)
                self._take_lags(report)
                dear = time.perf_counter() - begin
            report.columns = self._cheap.take(self.step, plan.exact and self._cheap.has_update, plan.first)
            if plan.exact:
                begin = time.perf_counter()
                self._take_units(report, factor)
                dear += time.perf_counter() - begin
            if plan.capture:
                self.close()
        return dear

    def _measure(self, report):
        own = self._micro.own()
        if own is not None and self.scaled:
            return None  # whether it was clipped besides cannot be told from this rank alone
        clip = report.values.clip_coefficient
        return self._exact.measure(self._cheap.steps, own, 1.0 if clip is None else clip)

    def _take_lags(self, report):
        if self._ranks > 1:
            return  # what the other ranks saw is not known here: an example that seems new may be one of theirs
        ids = self._lags.batch(self.step) if self._plan.lag and self._cheap.has_cross else None
        if ids:
            cross = self._exact.cross(self._cheap.steps)
            if cross is not None and len(cross) == len(ids):
                report.lag = lag_sums(cross, self._lags.lags(ids, self.step))

    def _take_units(self, report, factor):
        known = len(self._exact.missing)
        examples = self._exact.fill(report.columns, self._cheap.steps, self._cheap.has_update) if factor is not None else 0
        if examples >= 2:
            report.exact, report.unit_count, report.unit_size, report.batch_size = True, examples, 1, examples
            if report.values.clip_coefficient is None and not self.scaled and self._ranks == 1:
                report.values.clip_coefficient = factor
        else:
            for statistic in _OF_UNITS:
                report.columns.pop(statistic, None)
            self._take_microbatches(report)
        if len(self._exact.missing) != known:
            self._describe()

    def _take_microbatches(self, report):
        units, batch = self._micro.units, self._batch_size or self._exact.examples
        if units < (1 if self._ranks > 1 else 2) or batch % units or not batch or (self._ranks > 1 and self.scaled):
            return
        squares = {step.parameter: float(step.gradient.double().square().sum()) for step in self._cheap.steps}
        column = self._micro.example_grad_sq(self._cheap.steps, squares)
        if column is not None:
            report.columns[Statistic.EXAMPLE_GRAD_SQ] = column
            report.unit_count, report.unit_size, report.batch_size = units, batch // units, batch

    def _after_skip(self):
        self._snapshots.clear()
        self._schedule.break_pair()
        self.close()
        for parameter in self._map.parameters:
            parameter.saved = None

    def _evaluate(self):
        if self.clocks is not None:
            self._last_cost += self.clocks.evaluate(self.step)  # before the layers are hooked into

    def _complete_snapshots(self):
        with torch.no_grad():
            columns = self._pending.columns if self._pending is not None else {}
            self._snapshots.complete(columns, len(self._map.layers), self._plan.first)

    def _apply(self, values, given):
        for name, value in given.items():
            setattr(values, name, float(value.detach()) if isinstance(value, torch.Tensor) else float(value))
        if values.learning_rate is None:
            values.learning_rate = float(self._rules[0].optimizer.param_groups[0]["lr"])
        if self._samples:
            values.samples = float(self._samples)
            if self._options.dataset_size:
                values.epoch = self._samples / self._options.dataset_size

    def _plan_next(self):
        self._schedule.thinning = self._sender.thinning
        self._look = self._schedule.next_look(self.step)
        if self._look > self.step:
            return
        self._plan = self._schedule.plan(self.step)
        if self._plan.capture:
            self._exact.arm(True)
            self._micro.arm(self._plan.exact or self._ranks > 1)

    def _describe(self):
        self._sender.send(self._describer.describe(self._schedule, self._lags, self.step))

    def _failed(self, error):
        self._error = error
