"""What the coming step was made of, from one or several backward passes."""


class Gathered:
    """Loss, batch size and examples since the step before."""

    def __init__(self):
        self._step = None
        self._losses, self._indices = [], []

    def add(self, step, loss, indices):
        """One backward pass; (mean loss, all indices or None, examples or None)."""
        if step != self._step:
            self._step, self._losses, self._indices = step, [], []
        self._losses.append(loss)
        self._indices.append(indices)
        known = all(part is not None for part in self._indices)
        everything = [i for part in self._indices for i in part] if known else None
        mean = self._losses[0] if len(self._losses) == 1 else sum(self._losses) / len(self._losses)
        return mean, everything, len(everything) if known else None
