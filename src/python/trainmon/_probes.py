"""What the curvature probes need, from the user. Torch is not needed to say it."""

from dataclasses import dataclass
from typing import Callable, Optional


@dataclass(frozen=True)
class Probes:
    """Curvature probes: they cost several passes each, outside the budget, and leave no trace."""

    loss: Optional[Callable] = None  # () -> mean loss on fixed training examples, without backward
    interval: int = 100  # steps between probes
    examples: int = 0  # behind the loss
    sharpness: bool = True  # largest eigenvalue of the Hessian
    preconditioned: bool = True  # of P^-1 H, with Adam's preconditioner
    critical: bool = False  # 2 over the smallest rate at which the coming update would not lower the loss
    batch_loss: Optional[Callable] = None  # k -> mean loss of the k-th of several fresh batches, drawn in the size of training: batch sharpness
    batches: int = 16
    iterations: int = 20  # of Lanczos' method, a Hessian-vector product each
    tolerance: float = 1e-3  # of its residual, as a share of the eigenvalue
    eval_mode: bool = False  # no dropout, BatchNorm with its running statistics

    def problem(self):
        """None, or what cannot be, in words."""
        if self.loss is None and self.batch_loss is None:
            return "probes need a loss or a batch_loss"
        for name, least in (("interval", 1), ("batches", 1), ("iterations", 2)):
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                return f"probes.{name} is {value!r}, a whole number from {least} on is wanted"
        return None
