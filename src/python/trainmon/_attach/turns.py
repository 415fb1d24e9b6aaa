"""Which optimizers step one after another on the same gradients: together they are one step of the training (one for matrices, one for the rest). Where a backward pass lies in between,
as with a generator and a discriminator, each is a training of its own."""


class Turns:
    """Told of each step and each backward pass. Knows optimizers by their id."""

    def __init__(self):
        self._round = []  # those that have stepped since the last backward pass
        self._rounds = {}  # the last whole round of each
        self._steps = {}

    def backward(self):
        """The next step is on other gradients."""
        for key in self._round:
            self._rounds[key] = self._round
        self._round = []

    def stepped(self, optimizer):
        """After a step. One that steps again without a backward pass that was seen says nothing of the others."""
        key = id(optimizer)
        self._steps[key] = self._steps.get(key, 0) + 1
        if key in self._round:
            self._round = []
        self._round.append(key)

    def steps(self, optimizer):
        """Steps seen."""
        return self._steps.get(id(optimizer), 0)

    def whole(self, optimizer):
        """The ids of its round, in their order, once all that stepped in the last one have stepped in this one, and no others; None: not now. It is alone where no backward pass was seen."""
        last = self._rounds.get(id(optimizer))
        if last is None:
            return [id(optimizer)]
        return last if last == self._round else None
