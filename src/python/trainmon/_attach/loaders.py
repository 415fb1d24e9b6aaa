"""Which examples a step was made of: batches that a DataLoader gave out and that no backward pass has used yet. Loaders that read ahead of the loop (one batch or
more) give them out in the same order; where the count does not fit, nothing is said rather than something wrong."""

import functools
import weakref
from collections import deque

from .patches import Patch


class Fetched:
    """What one iterator over a loader has given out."""

    def __init__(self):
        self.drawn = {}  # by the number of the task: indices that were drawn for it
        self.waiting = deque()  # indices of batches given out and not used
        self.depth = None  # batches waiting at the first use: how far the loop reads ahead
        self.certain = True

    def use(self):
        """Indices of the oldest batch, or None."""
        waiting = len(self.waiting)
        if self.depth is None:
            self.depth = waiting
        if waiting == 0 or waiting > self.depth:
            self.certain = False
        indices = self.waiting.popleft() if self.waiting else None
        return indices if self.certain else None


class LoaderPatch:
    """Follows every DataLoader of this process; the one that was read last before a backward pass is the training's."""

    def __init__(self, dataloader, guard):
        self._guard = guard
        self._fetched = weakref.WeakKeyDictionary()
        self._last = None
        base = dataloader._BaseDataLoaderIter
        self._patches = [Patch(base, "_next_index", self._next_index), Patch(base, "__next__", self._next)]

    def remove(self):
        """Takes the patches off."""
        for patch in self._patches:
            patch.remove()

    def use(self):
        """Indices of the batch that a backward pass was made on, or None."""
        return None if self._last is None else self._last[1].use()

    @property
    def iterator(self):
        """The one that was read last, or None."""
        return self._last[0]() if self._last is not None else None

    def _next_index(self, original):
        @functools.wraps(original)
        def next_index(iterator):
            indices = original(iterator)
            self._guard(lambda: self._drawn(iterator, indices))
            return indices

        return next_index

    def _next(self, original):
        @functools.wraps(original)
        def following(iterator):
            batch = original(iterator)
            self._guard(lambda: self._given_out(iterator))
            return batch

        return following

    def _of(self, iterator):
        fetched = self._fetched.get(iterator)
        if fetched is None:
            fetched = self._fetched[iterator] = Fetched()
        return fetched

    def _drawn(self, iterator, indices):
        # With workers a batch is drawn when it is asked of one, under the number that it will come back with.
        self._of(iterator).drawn[getattr(iterator, "_send_idx", 0)] = indices

    def _given_out(self, iterator):
        fetched = self._of(iterator)
        number = iterator._rcvd_idx - 1 if hasattr(iterator, "_rcvd_idx") else 0
        fetched.waiting.append(_numbers(fetched.drawn.pop(number, None)))
        if len(fetched.waiting) > 64:  # read and never trained on, such as a validation set
            fetched.waiting.popleft()
            fetched.certain = False
        self._last = (weakref.ref(iterator), fetched)  # a loop that reads ahead uses the last batches after the iterator's end


def _numbers(indices):
    if isinstance(indices, (list, tuple)) and indices and all(isinstance(i, int) for i in indices):
        return list(indices)
    return None


def facts(iterator):
    """What a loader's iterator says of the training set: dataset_size, batch_size (of this process), sampling."""
    known = {}
    batch = getattr(iterator._index_sampler, "batch_size", None)
    if isinstance(batch, int) and batch > 0:
        known["batch_size"] = batch
    try:
        known["dataset_size"] = len(iterator._dataset)
    except (TypeError, AttributeError, NotImplementedError):
        known["sampling"] = "streaming"
        return known
    sampler = iterator._index_sampler
    sampler = getattr(sampler, "sampler", sampler)
    name = type(sampler).__name__
    if name == "RandomSampler":
        known["sampling"] = "with_replacement" if getattr(sampler, "replacement", False) else "shuffled"
    elif name == "SequentialSampler":
        known["sampling"] = "sequential"
    elif name == "DistributedSampler":
        known["sampling"] = "shuffled" if getattr(sampler, "shuffle", True) else "sequential"
    return known
