"""What the callbacks share."""

from .._monitor import watch
from .._say import Speaker


class Follower:
    """A monitor that is made when the framework has its optimizer. No method raises."""

    def __init__(self, options):
        self._options = options
        self.monitor = None
        self._speaker = Speaker(options.get("say"))

    def start(self, model, optimizers, **known):
        """Watches; what the user said goes before what the framework knows. Once: a second start is a new run of the same process and gets a new monitor."""
        try:
            self.stop()
            options = {name: value for name, value in known.items() if value is not None}
            self.monitor = watch(model, optimizers if len(optimizers) > 1 else optimizers[0], **{**options, **self._options})
        except Exception as error:  # an option that cannot be, an optimizer that is none: training goes on
            self._speaker.once("callback", f"{error} ({type(error).__name__}); nothing is watched, training goes on")

    def log(self, **values):
        if self.monitor is not None:
            self.monitor.log(**values)

    @property
    def should_stop(self):
        return self.monitor is not None and self.monitor.should_stop

    def stop(self, failed=None):
        monitor, self.monitor = self.monitor, None
        if monitor is not None:
            monitor.finish(failed)


def numbers(values):
    """Those that are numbers, by name."""
    return {str(name): float(value) for name, value in values.items() if isinstance(value, (int, float)) and not isinstance(value, bool)}


def unwrapped(optimizer):
    """Torch's optimizer inside a framework's (Accelerate's, Lightning's)."""
    inner = getattr(optimizer, "optimizer", None)
    while hasattr(inner, "param_groups") and hasattr(inner, "step"):
        optimizer, inner = inner, getattr(inner, "optimizer", None)
    return optimizer
