"""Looks at the loss of the withheld examples, without a trace, and compares the fresh ones with the evaluation at which they were lowest."""

import torch

from ..._report import SentinelSums
from ..probes.trace import NoTrace


class SentinelReader:
    """`rank` of `ranks`: each looks at its share of the withheld examples; all shares have the same size."""

    def __init__(self, model, parameters, sentinels, interval, rank=0, ranks=1):
        self._model, self._parameters, self._sentinels, self._interval = model, parameters, sentinels, interval
        self._rank, self._ranks = rank, ranks
        self._turn = None
        self._reference, self._reference_step = {}, 0

    def due(self, step):
        """Whether the weights before this step are to be looked at."""
        return step % self._interval == 0

    def read(self, step):
        """(the losses as one tensor where they lie, a function that makes the message of them as a list), or None where nothing is withheld. Layer hooks must be asleep. Messages must be made in order."""
        if self._turn != self._sentinels.turn:
            self._turn = self._sentinels.turn
            self._fresh, self._seen = (self._share(ids) for ids in self._sentinels.withheld())
        fresh, unseen = self._fresh, self._sentinels.unseen_epochs
        if not fresh and not self._seen:
            return None
        with NoTrace(self._model, self._parameters), torch.no_grad():
            self._model.eval()
            losses = torch.cat(self._losses(fresh) + self._losses(self._seen))
        return losses, lambda values: self._message(step, fresh, values[: len(fresh)], values[len(fresh) :], unseen)

    def _message(self, step, ids, fresh, seen, unseen):
        rises = [now - self._reference[id] for id, now in zip(ids, fresh) if id in self._reference]
        sums = SentinelSums(*_sums(fresh), *_sums(seen), unseen, self._reference_step, *_sums(rises))
        if fresh and (not self._reference or sums.sum_rise <= 0):
            self._reference, self._reference_step = dict(zip(ids, fresh)), step
            if not rises:
                sums.reference_step = step
        return sums

    def _share(self, ids):
        return ids[: len(ids) // self._ranks * self._ranks][self._rank :: self._ranks]

    def _losses(self, ids):
        size = self._sentinels.chunk_size
        values = []
        for at in range(0, len(ids), size):
            chunk = ids[at : at + size]
            losses = self._sentinels.losses(chunk)
            if losses.numel() != len(chunk):
                raise ValueError(f"{losses.numel()} losses for {len(chunk)} sentinels: one an example is wanted, without reduction")
            values.append(losses.detach().double().reshape(-1))
        return values


def _sums(values):
    return len(values), float(sum(values)), float(sum(v * v for v in values))
