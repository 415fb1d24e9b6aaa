"""Training Monitor's client for PyTorch: watches a live run from its gradients. `monitor = trainmon.watch(model, optimizer)`; docs/pytorch.md."""

from ._alerts import Alert
from ._clocks.canaries import Canaries
from ._clocks.sentinels import Sentinels
from ._monitor import Monitor, watch
from ._probes import Probes
from ._version import VERSION as __version__

__all__ = ["Alert", "Canaries", "Monitor", "Probes", "Sentinels", "__version__", "watch"]
