"""Examples that are withheld from training for a while, in turn."""

from .data import SentinelSampler
from .mix import hashes, remainders

_CHUNK = 1 << 20


class Sentinels:
    """A small part of the training set that is withheld from the batches for a while, in turn, so that all of it is trained on in the end. The loss on those never trained on is held-out
    loss; the monitor measures it. Train on batches of `sampler()`, or call `begin_epoch` at the start of each epoch and leave out what `is_withheld` says (or draw from `filter`); hand it to
    `watch(sentinels=...)`.

    An example belongs to one of `slice_count` slices, by a hash of its id (0 to dataset_size - 1). In turn w the slices w ... w + slices - 1 are withheld: the first ones are fresh from the
    start until each is released; those that come later were trained on before."""

    def __init__(self, dataset_size, losses, share=0.05, slices=5, epochs_a_turn=0, planned_epochs=0, interval=0, most_examples=1000, chunk_size=256, seed=0, canaries=None):
        """`losses`: a list of ids -> the loss of each, a tensor [k], without reduction; called without gradients and in eval mode. `epochs_a_turn`: 0 is planned_epochs/(slices + 1), which
        leaves the last sixth of the run without fresh sentinels, or 5 where that is not known either. `interval`: steps between two looks; 0 is about an epoch, 100 where its length is not known.
        `most_examples`: the same ones for as long as they are withheld. `canaries`: are never withheld."""
        for name, value, least, most in (
            ("dataset_size", dataset_size, 1, 1 << 62), ("share", share, 1e-6, 0.5), ("slices", slices, 1, 100), ("epochs_a_turn", epochs_a_turn, 0, 1 << 31), ("planned_epochs", planned_epochs, 0, 1 << 31),
            ("interval", interval, 0, 1 << 31), ("most_examples", most_examples, 2, 1_000_000), ("chunk_size", chunk_size, 1, 1_000_000),
        ):
            if not least <= value <= most:
                raise ValueError(f"{name} is {value!r}, {least} to {most} is wanted")
        if not callable(losses):
            raise ValueError("losses must be a function: a list of ids -> a tensor with the loss of each")
        self.dataset_size, self.losses, self.slices, self.interval = dataset_size, losses, slices, interval
        self.most_examples, self.chunk_size = most_examples, chunk_size
        self.slice_count = max(slices + 1, round(slices / share))
        self.epochs_a_turn = epochs_a_turn or (max(1, planned_epochs // (slices + 1)) if planned_epochs else 5)
        self.epoch = 0  # the one that was begun last
        self._seed, self._canaries = seed, canaries
        self._latest_turn = 0
        self._dealt = self._kept = None

    @property
    def turn(self):
        """Turns so far."""
        return self.epoch // self.epochs_a_turn

    @property
    def unseen_epochs(self):
        """Epochs for which all that are withheld now have not been trained on."""
        return self.epoch - self.turn * self.epochs_a_turn

    def begin_epoch(self, epoch):
        """An epoch begins (from 0): every few epochs another slice is withheld. Where a run is resumed, call it before the watching starts: what was released before is not fresh."""
        if epoch < 0:
            raise ValueError(f"epoch is {epoch}, 0 or more is wanted")
        self.epoch = epoch
        self._latest_turn = max(self._latest_turn, self.turn)

    def is_withheld(self, id):
        """Whether an example is to be left out of the batches of this epoch."""
        return self._is_withheld(int(self._slices[id]), self.turn) and (self._canaries is None or self._canaries.place(id) is None)

    def filter(self, ids):
        """The ids to train on in this epoch, in their order."""
        held = set(self._withheld(self.turn))
        return [id for id in ids if id not in held]

    def sampler(self, sampler=None, shuffle=True, generator=None):
        """For a DataLoader: what `sampler` gives (None: all examples, shuffled or in order) without those that are withheld."""
        if sampler is None:
            from torch.utils.data import RandomSampler, SequentialSampler

            every = range(self.dataset_size)
            sampler = RandomSampler(every, generator=generator) if shuffle else SequentialSampler(every)
        return SentinelSampler(self, sampler)

    def withheld(self):
        """(ids never trained on, ids trained on before) of this epoch; at most as many as are looked at."""
        every = self._withheld(self.turn)
        fresh = [id for id in every if self._is_fresh(int(self._slices[id]))]
        seen = [id for id in every if not self._is_fresh(int(self._slices[id]))]
        return self._some(fresh, self.most_examples), self._some(seen, max(0, self.most_examples - len(fresh)))

    def withheld_count(self, epoch):
        """How many are left out of an epoch."""
        return len(self._withheld(epoch // self.epochs_a_turn))

    @property
    def _slices(self):
        if self._dealt is None:
            import torch

            parts = [remainders(hashes(self._seed, at, min(at + _CHUNK, self.dataset_size)), self.slice_count).int() for at in range(0, self.dataset_size, _CHUNK)]
            self._dealt = torch.cat(parts)
        return self._dealt

    def _withheld(self, turn):
        if self._kept is None or self._kept[0] != turn:
            self._kept = (turn, self._find(turn))
        return self._kept[1]

    def _find(self, turn):
        places = (self._slices.long() - turn) % self.slice_count < self.slices
        every = places.nonzero().reshape(-1).tolist()
        return every if self._canaries is None else [id for id in every if self._canaries.place(id) is None]

    def _is_withheld(self, slice, turn):
        return (slice - turn) % self.slice_count < self.slices

    def _is_fresh(self, slice):
        # The first slices, until they are released for the first time.
        return slice < self.slices and self._latest_turn <= slice

    def _some(self, ids, most):
        # The order of another hash: the same ones each time, and no matter how the data set is sorted.
        if len(ids) <= most:
            return ids
        from .mix import hash_of

        return sorted(ids, key=lambda id: hash_of(self._seed + 1, id))[:most]
