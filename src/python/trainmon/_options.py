"""What is known of a run, and how much may be spent on watching it."""

from dataclasses import dataclass, field
from typing import Dict, Optional

from ._clocks.canaries import Canaries
from ._clocks.sentinels import Sentinels
from ._enums import Sampling
from ._probes import Probes


@dataclass(frozen=True)
class WatchOptions:
    """What is known of the run, and how much may be spent on watching it."""

    dataset_size: Optional[int] = None  # examples in the training set
    batch_size: Optional[int] = None  # examples a step, all ranks
    sampling: Optional[str] = None  # shuffled, with_replacement, full_batch, streaming, sequential
    budget: float = 0.01  # share of the step time
    pair_interval: Optional[int] = None  # None: by the budget
    exact_interval: Optional[int] = None  # None: by the budget; 0: never
    exact_layers: str = "all"  # "norms": sums over examples of LayerNorm and RMSNorm alone; "none": of none
    tags: Dict[str, str] = field(default_factory=dict)
    probes: Optional[Probes] = None  # curvature; None: none
    canaries: Optional[Canaries] = None  # examples with random labels; None: none
    sentinels: Optional[Sentinels] = None  # examples that are withheld in turn; None: none
    first_step: int = 0  # number of the first step that is seen

    def problem(self):
        """None, or the first option that cannot be, in words."""
        for name in ("dataset_size", "batch_size", "pair_interval"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, int) or value < 1):
                return f"{name} is {value!r}, a whole number above 0 is wanted"
        if self.exact_interval is not None and (not isinstance(self.exact_interval, int) or self.exact_interval < 0):
            return f"exact_interval is {self.exact_interval!r}, a whole number from 0 on is wanted"
        if self.sampling is not None and self.sampling.upper() not in Sampling.__members__:
            return f"sampling is {self.sampling!r}, one of {', '.join(s.name.lower() for s in Sampling if s)} is wanted"
        if self.exact_layers not in ("all", "norms", "none"):
            return f"exact_layers is {self.exact_layers!r}, all, norms or none is wanted"
        if not 0 < self.budget <= 1:
            return f"budget is {self.budget!r}, a share between 0 and 1 is wanted"
        for name, clock in (("canaries", self.canaries), ("sentinels", self.sentinels)):
            if clock is not None and self.dataset_size is not None and clock.dataset_size != self.dataset_size:
                return f"dataset_size is {self.dataset_size}, the {name} were made for {clock.dataset_size}"
        return self.probes.problem() if self.probes is not None else None
