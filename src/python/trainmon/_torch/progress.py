"""Steps and examples so far, quiet steps counted when somebody asks."""

from .quiet import Quiet


class Progress:
    """Of this rank; `samples` of all ranks."""

    def __init__(self, first_step, batch_size, ranks):
        self.quiet = Quiet()
        self.batch_size = batch_size
        self.samples = 0
        self._step, self._ranks = first_step, ranks  # without the quiet steps that have not been counted

    @property
    def step(self):
        """Number of the coming step."""
        return self._step + self.quiet.passed

    def count(self):
        """Counts the quiet steps: before anything that changes what they are worth."""
        passed = self.quiet.count()
        self._step += passed
        self.samples += passed * self.batch_size * self._ranks

    def begin(self):
        """A step that is not quiet begins."""
        self.count()
        self.quiet.plan(0)
        self.samples += self.batch_size * self._ranks

    def end(self):
        """It was made, or left out."""
        self._step += 1
