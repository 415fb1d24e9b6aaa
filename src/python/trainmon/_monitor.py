"""`trainmon.watch`: the user's side. No method of it raises, none blocks but `finish`."""

import weakref

from ._enums import EndReason
from ._options import WatchOptions
from ._say import Speaker
from ._sender import Sender
from ._settings import Settings

# What the end may wait for a device that has not got to the last statistics.
_DEVICE_SECONDS = 1.0


class Monitor:
    """Watches one run: a model and its optimizer, or optimizers that step in turn. Turns itself off at its first fault, says so once, and training goes on. Keeps neither the optimizers alive
    nor, without them, the model; a monitor that nobody holds says goodbye when they are gone."""

    def __init__(self, model, optimizer, options, settings, transport=None):
        self._speaker = Speaker(settings.say)
        self._sender = self._session = self._hook = self._skips = None
        self._leaving, self._options = False, options
        self.on_left = _nothing
        try:
            settings = settings.filled()
            problem = settings.problem() or options.problem()
            if problem:
                raise ValueError(problem)
            if not settings.enabled:
                return
            if transport is None:
                transport = _transport(settings, self._speaker)
            from ._torch.hooks import StepHook
            from ._torch.scalers import SkipWatch
            from ._torch.session import WatchSession

            self._sender = Sender(settings.identity(), transport, settings, self._speaker)
            self._sender.on_detach = _weakly(self.leave)
            optimizers = list(optimizer) if isinstance(optimizer, (list, tuple)) else [optimizer]
            self._watch(WatchSession(model, optimizers, options, self._sender))
            self._skips = SkipWatch(optimizers, lambda: self.step, self._scaler_steps, self._scaler_skipped)
            self._hook = StepHook(optimizers, self._before, self._after, self._session.quiet)
            self._sender.on_wake = _weakly(self._wake)
            self._optimizers = [weakref.ref(optimizer, _weakly(self._gone)) for optimizer in optimizers]
            weakref.finalize(self, setattr, self._sender, "over", True).atexit = False
        except Exception as error:
            self._fault("start", error)

    @property
    def is_on(self):
        """False: the monitor is off; reports go nowhere."""
        return self._session is not None and self._sender is not None and self._sender.on

    @property
    def step(self):
        """Number of the coming step."""
        return self._session.step if self._session is not None else 0

    @property
    def should_stop(self):
        """A person asked the run to stop."""
        return self._sender is not None and self._sender.should_stop

    @property
    def page(self):
        """The run's page; empty until the server said so."""
        return self._sender.page if self._sender is not None else ""

    def log(self, indices=None, batch_size=None, outputs=None, targets=None, again=None, **values):
        """Values of this step, before or after `optimizer.step()`: loss, accuracy, held_out_loss, … ; any other name is a scalar of the user's own. `indices`: the batch's
        examples by their place in the data set, before the step; with canaries its `outputs` (logits) and `targets` and the loss in the same call. `again`: a function that
        computes this batch's loss once more, before the step; called at probes only."""
        session = self._session
        if session is not None:
            try:
                if session.quiet.left > 0 and not session.wants(values, batch_size, indices):
                    return
                if session.clocks is not None:
                    session.clocks.add(indices, outputs, targets, values.get("loss"))
                session.again = again or session.again
                session.log(values, batch_size, indices)
            except Exception as error:  # whatever it is: the training run must go on
                self._fault("step", error)

    def skip_step(self):
        """Says that the optimizer's step is left out (an overflow of mixed precision): call it instead of `optimizer.step()`. Torch's own GradScaler is noticed without."""
        self._guard(lambda: self._session.skip())

    def clip_grad_norm_(self, parameters, max_norm, **options):
        """`torch.nn.utils.clip_grad_norm_`, and the monitor knows the factor. Returns the norm before."""
        from torch.nn.utils import clip_grad_norm_

        norm = clip_grad_norm_(parameters, max_norm, **options)
        # A norm that is spread over ranks can be read by all of them together only, and they need not be due together.
        if self._session is not None and self._session.due and not hasattr(norm, "to_local"):
            self.log(clip_coefficient=(float(max_norm) / (norm.detach().double() + 1e-6)).clamp(max=1.0))
        return norm

    def watch_ranks(self, module, hook=None, state=None):
        """Registers a communication hook on a DistributedDataParallel module, before its first backward pass: each rank is then a unit of the noise. `hook` and `state`: a communication hook of your
        own, which is called by it (register no other: DDP takes one). Without a monitor your own is registered alone."""
        if self._session is not None:
            self._guard(lambda: self._session.watch_ranks(module, hook, state))
        elif hook is not None:
            module.register_comm_hook(state, hook)

    def on_alert(self, handler):
        """`handler(alert)` is called with each alert, on a background thread. Usable as a decorator."""
        if self._sender is not None:
            self._sender.add_handler(handler)
        return handler

    def finish(self, failed=None):
        """Says goodbye, and waits at most `exit_timeout` for what is left."""
        if self._session is not None:
            self._guard(lambda: self._session.end(_DEVICE_SECONDS))
        self._off()
        if self._sender is not None:
            self._sender.finish(EndReason.FINISHED if failed is None else EndReason.FAILED, "" if failed is None else f"{type(failed).__name__}: {failed}")

    def finish_soon(self):
        """Says goodbye for a training that is over, and waits for nothing."""
        session = self._session
        if session is not None:
            self._off()
            self._guarded(lambda: _conclude(session, self._sender))

    def leave(self):
        """Takes the hooks off at the next step, on the training's own thread, and says goodbye for the monitor while the training goes on. Waits for nothing."""
        self._leaving = True
        self._wake()

    def __enter__(self):
        return self

    def __exit__(self, _kind, error, _trace):
        self.finish(error)
        return False

    def _watch(self, session):
        self._session, sender = session, self._sender
        sender.on_over = lambda: _conclude(session, sender)
        sender.on_exit = lambda: _end(session)  # the monitor may be gone, with its optimizer, and the last report still wait for values

    def _renew(self, session):
        session.end(_DEVICE_SECONDS)
        self._watch(type(session)(session.model, [optimizer() for optimizer in self._optimizers], self._options, self._sender, before=session))
        return self._session

    def _gone(self):
        # From a destructor, whatever that interrupts: no lock is taken, and none of torch's lists touched.
        if any(optimizer() is not None for optimizer in self._optimizers):
            return
        session, hook, skips = self._session, self._hook, self._skips
        if session is not None and hook is not None:
            self._hook = self._skips = None  # they refer to this one: nobody's collector is waited for
            hook.let_go()
            skips.remove()
            session.release()

    def _before(self):
        session = self._session
        if session is None:
            return
        try:
            if self._leaving:
                session.end(0.0)
                self._off()
                self._sender.leave(EndReason.INTERRUPTED, "the monitor was taken off; training goes on")
                self.on_left()
            elif self._sender.on:
                if session.due and session.outgrown:
                    session = self._renew(session)
                session.before_update()
        except Exception as error:
            self._fault("step", error)

    def _after(self):
        session = self._session
        if session is None:
            return
        try:
            if self._sender.on:
                session.after_update()
        except Exception as error:
            self._fault("step", error)

    def _wake(self):
        session = self._session
        if session is not None:
            session.quiet.wake = True

    def _scaler_steps(self):
        if self._session is not None:
            self._session.scaled = True

    def _scaler_skipped(self):
        self._guard(lambda: self._session.skip())

    def _guard(self, action):
        if self._session is not None:
            self._guarded(action)

    def _guarded(self, action):
        try:
            action()
        except Exception as error:  # whatever it is: the training run must go on
            self._fault("step", error)

    def _fault(self, place, error):
        self._speaker.once(place, f"{error} ({type(error).__name__}); the monitor is off, training goes on")
        self._off()
        if self._sender is not None:
            self._sender.stop()

    def _off(self):
        session, self._session = self._session, None
        for let_go in [held.remove for held in (self._hook, self._skips) if held is not None] + ([session.close] if session is not None else []):
            try:
                let_go()
            except Exception as error:  # the others must go all the same
                self._speaker.once("off", f"a hook stays where it is, and does nothing: {type(error).__name__}: {error}")


def _weakly(method):
    """Calls a method of what lives still, and does not keep it alive."""
    reference = weakref.WeakMethod(method)

    def call(*_):
        held = reference()
        if held is not None:
            held()

    return call


def _end(session, seconds=_DEVICE_SECONDS):
    try:
        session.end(seconds)
    except Exception:  # at the end: nothing more can be done
        pass


def _conclude(session, sender):
    _end(session, 0.0)
    sender.leave(EndReason.FINISHED)


def _transport(settings, speaker):
    # A relay on this machine (`trainmon agent`) needs no grpc here; docs/relay.md.
    if settings.relay:
        from ._relay.transport import RelayTransport, place

        return RelayTransport(*place(settings.relay))
    from ._grpc.transport import GrpcTransport

    return GrpcTransport(settings, speaker)


def _nothing():
    pass


def watch(model, optimizer, *, dataset_size=None, batch_size=None, sampling=None, budget=0.01, pair_interval=None, exact_interval=None, exact_layers="all", tags=None, probes=None, canaries=None, sentinels=None, **settings):
    """Watches a model and its optimizer (or a list of optimizers that step in turn) from the next step on. Other keywords are those of Settings: server, run_id, project, run_name, rank, world_size, token, …"""
    known = set(Settings.__dataclass_fields__)
    unknown = sorted(set(settings) - known)
    if unknown:
        raise TypeError(f"watch() has no option {unknown[0]!r}; it has dataset_size, batch_size, sampling, budget, pair_interval, exact_interval, exact_layers, tags, probes, canaries, sentinels, {', '.join(sorted(known))}")
    options = WatchOptions(dataset_size, batch_size, sampling, budget, pair_interval, exact_interval, exact_layers, dict(tags or {}), probes, canaries, sentinels)
    return Monitor(model, optimizer, options, Settings(**settings))
