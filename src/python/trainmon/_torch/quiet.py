"""Steps that pass without being looked at. How many there will be is known when the last look ends: each costs one comparison and one subtraction, and is counted afterwards."""


class Quiet:
    """`left` steps may pass; the session is called again when it is 0, or when another thread sets `wake`."""

    __slots__ = ("left", "planned", "wake")

    def __init__(self):
        self.left = self.planned = 0
        self.wake = False

    def plan(self, steps):
        """From now on; what has passed was counted."""
        self.left = self.planned = max(0, steps)

    @property
    def passed(self):
        """Steps since the plan, or since they were last counted."""
        return self.planned - self.left

    def count(self):
        """Gives them, and begins to count anew."""
        passed, self.planned = self.planned - self.left, self.left
        return passed
