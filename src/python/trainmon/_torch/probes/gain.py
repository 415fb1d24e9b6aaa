"""The exact gain of the next batch from a step: its loss with the weights before the step minus with those after, both with the same random numbers."""

import torch


class NextBatchGain:
    """Keeps a copy of the weights from one step to the next."""

    def __init__(self, step, parameters):
        self.step, self._parameters = step, parameters
        self._before = [p.detach().clone() for p in parameters]

    def measure(self, loss, rewind):
        """With the next step's batch; the weights end as they were, bit for bit. `rewind` puts the random state back."""
        with torch.no_grad():
            after = float(loss())
            now = [p.detach().clone() for p in self._parameters]
            try:
                self._set(self._before)
                rewind()
                return float(loss()) - after
            finally:
                self._set(now)

    def _set(self, values):
        for parameter, value in zip(self._parameters, values):
            parameter.copy_(value)
