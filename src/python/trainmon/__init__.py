"""Training Monitor's client for PyTorch: watches a live run from its gradients. `monitor = trainmon.watch(model, optimizer)`; docs/pytorch.md."""

from ._alerts import Alert
from ._monitor import Monitor, watch
from ._probes import Probes
from ._version import VERSION as __version__

__all__ = ["Alert", "Monitor", "Probes", "__version__", "watch"]
