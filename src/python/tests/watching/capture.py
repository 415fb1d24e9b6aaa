"""A transport that keeps what it is given."""

from trainmon._report import LayerTable, RunDescription, StepReport
from trainmon._torch.hooks import register_optimizer_step_pre_hook
from trainmon._transport import Transport

# Torch's own hooks around a step. Without them (before torch 2) what is called at a step makes a circle with its optimizer.
HOOKS = register_optimizer_step_pre_hook is not None


class CaptureTransport(Transport):
    """Everything goes nowhere, and stays."""

    def __init__(self):
        self.items = []

    @property
    def reports(self):
        return [item for item in self.items if isinstance(item, StepReport)]

    @property
    def table(self):
        return next(item for item in self.items if isinstance(item, LayerTable))

    @property
    def description(self):
        return [item for item in self.items if isinstance(item, RunDescription)][-1]

    def open(self, identity, observer):
        pass

    def write(self, items):
        self.items.extend(items)

    def tick(self):
        pass

    def close(self, deadline):
        pass

    def abort(self):
        pass

    def room(self):
        return 1 << 30

    def capacity(self):
        return 1 << 30


def watched(model, optimizer, **options):
    """(monitor, transport, what it said) with every step looked at."""
    from trainmon._monitor import Monitor, WatchOptions
    from trainmon._settings import Settings

    transport, said = CaptureTransport(), []
    options = {"pair_interval": 1, "exact_interval": 1, **options}
    return Monitor(model, optimizer, WatchOptions(**options), Settings(say=said.append), transport), transport, said
