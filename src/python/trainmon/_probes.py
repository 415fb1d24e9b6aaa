"""What the curvature probes need, from the user. Torch is not needed to say it."""

from dataclasses import dataclass
from typing import Callable, Optional


@dataclass(frozen=True)
class Probes:
    """Curvature probes: they cost several passes each, outside the budget, and leave no trace. What `Monitor.log` is given as `again` (this step's loss once more) they use for the gain of the
    next batch, for critical sharpness in place of `loss`, and for batch sharpness where there is no `batch_loss`."""

    loss: Optional[Callable] = None  # () -> mean loss on fixed training examples, without backward
    interval: int = 100  # steps between probes
    examples: int = 0  # behind the loss
    sharpness: bool = True  # largest eigenvalue of the Hessian
    preconditioned: bool = True  # of P^-1 H, with Adam's preconditioner
    batch_sharpness: bool = True  # g'Hg/|g|^2, with `batch_loss` or `again`
    critical: bool = False  # 2 over the smallest rate at which the coming update would not lower the loss
    batch_loss: Optional[Callable] = None  # k -> mean loss of the k-th of several fresh batches, drawn in the size of training: the batch sharpness is then a mean with a standard error
    batches: int = 16
    trace_vectors: int = 0  # random vectors for the trace of the Hessian, a product each; 0: no trace
    next_batch_gain: bool = True  # where `log` is given `again`: loss of the next batch before minus after the step, two forward passes and a copy of the weights
    iterations: int = 20  # of Lanczos' method, a Hessian-vector product each
    tolerance: float = 1e-3  # of its residual, as a share of the eigenvalue
    eval_mode: bool = False  # no dropout, BatchNorm with its running statistics

    def problem(self):
        """None, or what cannot be, in words."""
        for name, least in (("interval", 1), ("batches", 1), ("iterations", 2), ("trace_vectors", 0)):
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                return f"probes.{name} is {value!r}, a whole number from {least} on is wanted"
        return None
