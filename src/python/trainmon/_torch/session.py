"""One watched run. Everything here may raise; the monitor catches it, says it once and turns itself off."""

import time

import torch

from .._enums import Statistic
from .._report import StepReport, StepValues
from .cheap import CheapSet
from .clocks.clock_set import clocks_of
from .describe import RunDescriber
from .layers import LayerMap, compiled, declarations
from .look import Look
from .outbox import Outbox
from .probes.runner import runner_of
from .progress import Progress
from .ranks import world_size
from .readout import Numbers, Readout, capturing, mark
from .rules import rule_of
from .schedule import StepSchedule
from .snapshot import Snapshots
from .units import UnitSet
from .values import ALWAYS, ValueSet


class WatchSession:
    """Called around each optimizer step, on the training thread. A step that is not looked at counts, compares two numbers and returns."""

    def __init__(self, model, optimizers, options, sender, before=None):
        """`before`: the session that this one takes the place of, since the optimizer holds more now; its steps, examples and clocks go on."""
        self.model, self._options, self._sender = model, options, sender
        self._rules = [rule_of(optimizer) for optimizer in optimizers]
        self._map = LayerMap(model, self._rules)
        if not self._map.parameters:
            raise ValueError("the optimizer holds no trainable parameter")
        self._device = self._map.parameters[0].local.device
        self._snapshots = Snapshots()
        self._cheap = CheapSet(self._map, self._snapshots)
        self._error = None
        self._ranks = world_size()
        self._units = UnitSet(self._map, self._rules[0].momentum, self._ranks, options.exact_layers, self._failed, self._describe)
        # Hooks make torch.compile compile once more, and what it then fuses may round otherwise: only where the user asks for it.
        left = options.exact_interval is None and compiled(model)
        self._schedule = StepSchedule(options.budget, options.pair_interval, 0 if left or self._map.sharded else options.exact_interval, True)
        self._describer = RunDescriber(options, self._rules, self._map, self._units, left, self._ranks)
        self._readout = Readout()
        self._outbox = Outbox(sender.report, self._readout, self._schedule.charge)
        self._values = ValueSet(options, optimizers[0], self._outbox, self._readout, sender.send)
        self._look = Look(self._map, self._cheap, self._units, self._snapshots)
        self._probes = runner_of(model, self._map, options.probes, sender)
        self.clocks = clocks_of(model, self._map, options, self._ranks, sender) if before is None else before.clocks
        self.scaled = before is not None and before.scaled  # a GradScaler steps the optimizer: the factor between examples and gradient is not clipping alone
        self._pending = None  # the entry of the report that may still be given values
        self.again = None  # the loss of the coming step's batch, computed once more; from the user
        self._progress = Progress(options.first_step, (options.batch_size or 0) // self._ranks, self._ranks) if before is None else before._progress
        self.quiet = self._progress.quiet
        # With fewer quiet steps left than this the lag look to come may need a batch's indices.
        self._remembered = self._units.lags.horizon - 2 if self._schedule.exact else 0
        self._started = None  # when the step before the one that is looked at began
        self._last_cost = 0.0
        sender.send(self._map.table(declarations(tuple(Statistic), self._map.sharded)))
        self._describe()
        if before is not None:
            self._units.follow(before._units)
            self._values.follow(before._values)
            before.release()
        elif self.clocks is not None:
            self.clocks.evaluate(self.step)
        self._plan_next()

    @property
    def step(self):
        """Number of the coming step."""
        return self._progress.step

    def wants(self, values, batch_size, ids):
        """False where a quiet step is to come and nothing of this is needed."""
        if not ALWAYS.issuperset(values):
            return True
        if ids is not None:
            return self.quiet.left <= self._remembered or (batch_size or len(ids)) != self._progress.batch_size
        return bool(batch_size) and batch_size != self._progress.batch_size

    def log(self, values, batch_size, ids):
        """Values of a step, by name; its batch's examples."""
        self._progress.count()
        if ids is not None:
            self._units.lags.remember(ids, self.step)
            self._progress.batch_size = batch_size or len(ids)
        elif batch_size:
            self._progress.batch_size = batch_size
        if values and (self.step >= self._due or self._clock_waits or not self._values.idle(values)):
            self._values.log(values, self.step, self._pending)
            if self._values.coming:
                self.quiet.plan(0)

    def watch_ranks(self, module, hook, state):
        """A communication hook on a DDP module that takes this rank's gradients."""
        self._units.watch_ranks(module, hook, state, self._plan if self.due else None)

    @property
    def due(self):
        """Whether the coming step is looked at."""
        return self.step >= self._due

    @property
    def outgrown(self):
        """Whether an optimizer holds a trainable tensor that it did not: a layer was unfrozen, or a group added."""
        return self._map.misses(self._rules)

    def before_update(self):
        """Takes what is due at this step. The optimizer has not stepped yet."""
        if self._device.type == "cuda" and capturing():
            return
        self._progress.begin()
        self.quiet.wake = False
        if self._readout:
            self._readout.poll()
        if self.clocks is not None:
            self.clocks.stepping()
        if self._probes is not None and self._probes.due(self.step, self._sender.probe_soon):
            self._look_at_step()
            self._probe()
            return
        if self.step < self._due and not self._values.coming and self._pending is None and not self._clock_waits:
            if self.step >= self._due - 1:
                self._started, self._last_cost = time.perf_counter(), 0.0
            return
        self._look_at_step()

    def after_update(self):
        """Prepares the next step."""
        if self._device.type == "cuda" and capturing():
            return
        self._progress.end()
        self.again = None
        if self._snapshots.waiting:
            self._outbox.read(self._pending, self._look.complete())
        self._evaluate()
        if self.step >= self._due:
            self._plan_next()
        self._plan_quiet()

    def skip(self):
        """The optimizer did not step: its gradient had overflowed."""
        self._progress.begin()
        self.flush()
        self._outbox.open(StepReport(self.step, values=StepValues(), skipped=True, batch_size=self._progress.batch_size))
        self._outbox.close()
        self._after_skip()
        self._progress.end()
        self.again = None
        self._evaluate()
        self._due = max(self._due, self.step)
        self._plan_next()

    def flush(self):
        """The report that waited for values logged after its step may go."""
        if self._pending is not None:
            self._pending, self._values.wants_loss = None, False
            self._look.flush()
            self._outbox.close()

    def end(self, seconds):
        """Sends what there is, and waits so long at most for what a device has not delivered."""
        self.flush()
        if not self._readout.drain(seconds):
            self._sender.trouble("device", "the device did not get to the last statistics in time; they are left out")

    def close(self):
        """Takes the hooks off."""
        self._units.close()

    def release(self):
        """Lets go of the model; what was taken of it can still be sent by `end`. Takes no lock."""
        self._units.release()
        self._map.release()
        self._snapshots.clear()
        self._cheap.steps = []
        self.model = self._probes = self.clocks = None

    def _look_at_step(self):
        if self._error is not None:
            raise self._error
        begin = time.perf_counter()
        self.flush()
        due = self.step >= self._due
        whole = None if self._started is None else begin - self._started - self._last_cost
        dear = 0.0
        if due and self._readout.full:
            self._sender.trouble("behind", "the device is far behind; steps are left out until it has caught up")
            self._after_skip()
            due = False
        if due or self._values.coming or self._clock_waits:
            report, numbers = StepReport(self.step, values=StepValues(), batch_size=self._progress.batch_size), Numbers()
            numbers.since = mark(self._device) if due else None
            self._values.apply(report.values, numbers, due, self._progress.samples)
            if self.clocks is not None:
                self.clocks.take(report, numbers)
            self._pending = self._outbox.open(report)
            if due:
                dear = self._take(report, numbers)
            if whole is not None and due:
                report.values.monitor_seconds = time.perf_counter() - begin
                report.values.step_seconds = whole + report.values.monitor_seconds
            self._outbox.read(self._pending, numbers)
        if due:
            changed = self._schedule.record(self._plan, self.step, whole, time.perf_counter() - begin - dear, dear)
            if changed or self._describer.stale(self._schedule):
                self._describe()
        self._started, self._last_cost = (begin, time.perf_counter() - begin) if due else (None, 0.0)

    def _probe(self):
        asked, self._sender.probe_soon = self._sender.probe_soon, False
        with torch.no_grad():
            if self._cheap.prepare(False):
                self._probes.run(self.step, self._cheap.steps, asked, self.again, self._progress.batch_size)
            for step in self._cheap.steps:
                step.forget()
        self._started = None  # the time of this step says nothing

    def _take(self, report, numbers):
        with torch.no_grad():
            self._pending.finish, dear = self._look.take(report, numbers, self._plan, self.scaled, self._progress.batch_size)
        if report.skipped:
            self._after_skip()
        elif self._plan.capture:
            self.close()
        return dear

    def _after_skip(self):
        self._snapshots.clear()
        self._schedule.break_pair()
        self.close()
        for parameter in self._map.parameters:
            parameter.saved = None

    def _evaluate(self):
        if self.clocks is not None:
            self._last_cost += self.clocks.evaluate(self.step)  # before the layers are hooked into

    @property
    def _clock_waits(self):
        return self.clocks is not None and self.clocks.waiting

    def _plan_next(self):
        self._schedule.thinning = self._sender.thinning
        self._due = self._schedule.next_look(self.step)
        if self._due > self.step:
            return
        self._plan = self._schedule.plan(self.step)
        if self._plan.capture:
            self._units.arm(self._plan)

    def _plan_quiet(self):
        quiet = 0
        if self._pending is None and self.clocks is None and not self._readout and not self._values.coming:
            quiet = self._due - 1 - self.step  # the step before a look is timed
            if self._probes is not None:
                quiet = min(quiet, self._probes.quiet(self.step))
        self.quiet.plan(quiet)

    def _describe(self):
        if self._map.parameters:  # else what arrives late is of a training that is over
            self._sender.send(self._describer.describe(self._schedule, self._units.lags, self.step))

    def _failed(self, error):
        self._error = error
