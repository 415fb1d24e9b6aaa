"""Watches the training that is found in this process: waits at the steps of its optimizers, takes the largest that steps and those that step in turn with it, and starts a monitor for
them at a step boundary, on the training's own thread. A process that trains one network after another (folds, searches) has a run for each of them: a training is over when an optimizer of it is
gone, or when one that was made later steps and the watched ones no more."""

import sys
import threading
import weakref

from .finding import is_optimizer, model_of, scan, size, stands_for_itself
from .gathered import Gathered
from .loaders import LoaderPatch, facts
from .losses import LossPatch
from .patches import Patch
from .succession import Succession
from .trap import Trap
from .turns import Turns

# Steps that are seen before one optimizer is chosen, so that one that steps with it (a discriminator) is seen too, and a loader was read.
_LOOK = 2

# Steps after which an optimizer is taken though a larger one stepped once.
_PATIENCE = 16


class Attachment:
    """`configuration`: docs/relay.md, "Payload"."""

    def __init__(self, configuration, status):
        self._configuration, self._status = configuration, status
        self._lock = threading.Lock()
        self._traps = {}  # id of an optimizer: (weak reference, weak reference to its trap)
        self._turns = Turns()
        self._modules = None
        self._monitor = None
        self._patches = []
        self._birth = self._loss = self._loader = None
        self._gathered = Gathered()
        self._over = False
        self._follows = False
        self._watched = []  # weak references to the optimizers of the training
        self._succession = Succession()

    @property
    def is_on(self):
        """It waits for a training or watches one."""
        return not self._over and (self._monitor is None or self._monitor.is_on)

    def begin(self, look):
        """Installs what waits. `look`: search for what lives already, and watch that training alone; else each that begins."""
        self._follows = not look
        torch = sys.modules["torch"]
        optimizer_class = sys.modules["torch.optim.optimizer"].Optimizer
        self._loss = LossPatch(torch, self._lost, self._guard)
        self._patches.append(self._loss)
        dataloader = sys.modules.get("torch.utils.data.dataloader")
        if dataloader is not None:
            self._loader = LoaderPatch(dataloader, self._guard)
            self._patches.append(self._loader)
        self._birth = Patch(optimizer_class, "__init__", self._born)
        self._patches.append(self._birth)
        if look:
            found = scan()
            optimizers = [o for o in (reference() for reference in found.optimizers) if o is not None]
            for optimizer in optimizers:
                self._set_trap(optimizer)
            self._status("found", optimizers=[describe(o) for o in optimizers], models=[type(m()).__name__ for m in found.modules if m() is not None][:16])
            self._modules = found.modules

    def end(self):
        """Lets go at the next step boundary; at once where no monitor has begun."""
        monitor = self._monitor
        if monitor is None:
            self._clear()
            self._status("detached")
        else:
            monitor.leave()

    def _born(self, original):
        def __init__(optimizer, *args, **kwargs):
            original(optimizer, *args, **kwargs)
            self._guard(lambda: self._set_trap(optimizer))

        __init__.__wrapped__, __init__.__doc__ = original, original.__doc__
        return __init__

    def _set_trap(self, optimizer):
        self._loss.look_for_scalers()
        if self._over or not is_optimizer(type(optimizer)) or not stands_for_itself(optimizer):
            return
        key, reference = id(optimizer), weakref.ref(optimizer)
        with self._lock:
            if key in self._traps and self._traps[key][0]() is optimizer:
                return
            if self._monitor is not None and not self._succession.admits():
                return
            trap = Trap(optimizer, lambda held: self._guard(lambda: self._stepping(held)))
            self._traps[key] = (reference, weakref.ref(trap))  # it hangs on the optimizer; to hold it here would keep that alive

    def _stepping(self, optimizer):
        """After a step of a trapped optimizer, on its thread."""
        if self._over:
            return
        if self._monitor is not None and not self._replaced():
            return
        self._turns.stepped(optimizer)
        steps = self._turns.steps(optimizer)
        if steps < _LOOK:
            return
        seen = {id(held): held for held in (reference() for reference, _ in list(self._traps.values())) if held is not None and self._turns.steps(held)}
        together = [seen[key] for key in self._turns.whole(optimizer) or () if key in seen]
        if max(seen.values(), key=size) in together:
            self._start(together)
        elif steps >= _PATIENCE:
            self._start(together or [optimizer])

    def _replaced(self):
        """Whether the watched training is over, after a step of an optimizer that was made later."""
        monitor = self._monitor
        if not monitor.is_on or not self._succession.replaced(monitor.step):
            return False
        self._await_next()
        monitor.finish_soon()
        return not self._over

    def _died(self, _):
        """A watched optimizer is gone, whatever this thread was doing: no lock is taken here. Its monitor, which nobody holds then, says goodbye by itself."""
        monitor = self._monitor
        if monitor is None or not monitor.is_on:
            return
        if self._follows:
            self._await_next()
        else:
            self._over, self._monitor = True, None

    def _await_next(self):
        self._over = not self._succession.ended(self._monitor.step)
        self._turns, self._gathered = Turns(), Gathered()
        self._monitor, self._watched = None, []

    def _start(self, optimizers):
        from .._monitor import Monitor, WatchOptions
        from .._relay.transport import RelayTransport
        from .._settings import Settings

        self._clear_traps()
        if not self._follows:
            self._birth.remove()
        modules = [held for held in (reference() for reference in (self._modules or scan().modules)) if held is not None]
        model = model_of(optimizers, modules)
        if not any(True for _ in model.named_modules()):
            modules = [held for held in (reference() for reference in scan().modules) if held is not None]  # made since
            model = model_of(optimizers, modules)
        first_step = steps_made(optimizers[0])
        configuration = self._succession.begin(self._configuration, first_step)
        iterator = self._loader.iterator if self._loader is not None else None
        known = facts(iterator) if iterator is not None else {}
        settings = Settings(
            run_id=configuration.get("run_id"), project=configuration.get("project"), run_name=configuration.get("run_name"), enabled=True,
            say=lambda sentence: self._status("said", sentence=sentence))
        batch = known["batch_size"] * settings.filled().world_size if "batch_size" in known else None
        options = WatchOptions(
            known.get("dataset_size"), batch, known.get("sampling"), configuration.get("budget", 0.01), configuration.get("pair_interval"),
            configuration.get("exact_interval"), tags=dict(configuration.get("tags") or {}), first_step=first_step)
        monitor = Monitor(model, optimizers, options, settings, RelayTransport(configuration["socket"], configuration["secret"]))
        monitor.on_left = self._left
        self._monitor = monitor
        self._watched = [weakref.ref(optimizer, self._died) for optimizer in optimizers]
        self._modules = None
        facts_told = dict(known, optimizer=" and ".join(describe(optimizer) for optimizer in optimizers), model=type(model).__name__, first_step=options.first_step)
        self._status("watching" if monitor.is_on else "off", **facts_told)

    def _lost(self, loss):
        """After a backward pass: the loss, and the batch that it was made on."""
        indices = self._loader.use() if self._loader is not None else None
        monitor = self._monitor
        if self._over:
            self._clear()
            return
        if monitor is None:
            self._turns.backward()
            return
        if not monitor.is_on:
            self._clear()
            return
        loss, indices, examples = self._gathered.add(monitor.step, loss, indices)
        monitor.log(loss=loss, indices=indices, batch_size=examples)

    def _left(self):
        self._clear()
        self._status("detached")

    def _clear_traps(self):
        with self._lock:
            for _, held in self._traps.values():
                trap = held()
                if trap is not None:
                    trap.remove()
            self._traps.clear()

    def _clear(self):
        self._over = True
        self._clear_traps()
        if self._birth is not None:
            self._birth.remove()
        for patch in self._patches:
            patch.remove()
        self._patches = []

    def _guard(self, action):
        try:
            action()
        except Exception as error:  # whatever it is: the training must go on
            self._status("fault", error=f"{type(error).__name__}: {error}")
            try:
                self._clear()
            except Exception:
                pass


def describe(optimizer):
    """In words."""
    return f"{type(optimizer).__name__} with {size(optimizer)} parameters in {len(optimizer.param_groups)} groups"


def steps_made(optimizer):
    """Steps so far, as far as the optimizer or its scheduler counts them."""
    for entry in optimizer.state.values():
        made = entry.get("step") if isinstance(entry, dict) else None
        if made is not None:
            return int(made)
    made = getattr(optimizer, "_step_count", None)
    return max(0, made) if isinstance(made, int) else 0

