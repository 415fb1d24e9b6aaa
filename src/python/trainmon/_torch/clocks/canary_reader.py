"""What the outputs of a batch say of the labels of its canaries, and the passes: within one, each canary is counted once, whatever the sampling. A pass ends when a canary comes again and at
least half of them have come; who comes when is not a matter of labels, so that the null stays exact."""

import struct

import torch

from ..._report import CanarySums
from ..lags import as_list
from ..readout import upload
from .canary_sums import batch_sums, bins_of


class CanaryReader:
    """`ranks`: processes that share the examples: each sees a part of a pass."""

    def __init__(self, canaries, ranks=1):
        self._canaries, self._ranks = canaries, ranks
        self._trained, self._in_pass = set(), set()
        self._pass = 0
        self._examples, self._loss = 0, None  # of all batches since the last message; the loss is summed where it lies
        self._read = None  # what the coming step's batches said

    @property
    def waiting(self):
        """Whether there is something to send with the coming step."""
        return self._read is not None

    def add(self, ids, outputs, targets, loss):
        """A batch of the coming step: ids in batch order, logits [b, C], classes [b] and the mean loss; outputs, targets or loss may be None."""
        ids = as_list(ids)
        places = [self._canaries.place(id) for id in ids]
        due = self._note(places)
        if loss is not None:
            loss = loss.detach().double() * len(ids) if isinstance(loss, torch.Tensor) else torch.tensor(float(loss), dtype=torch.float64) * len(ids)
            self._loss = loss.reshape(()) if self._loss is None else self._loss + loss.reshape(())
            self._examples += len(ids)
        if not due or outputs is None or targets is None:
            return
        if tuple(outputs.shape) != (len(ids), self._canaries.classes) or targets.numel() != len(ids):
            raise ValueError(f"outputs are {list(outputs.shape)} and targets {list(targets.shape)}, [{len(ids)}, {self._canaries.classes}] and [{len(ids)}] are wanted for canaries")
        with torch.no_grad():
            device = outputs.device
            rows = upload(due, torch.int64, device)
            labels = targets.detach().to(device).long().reshape(-1)
            turns = upload([self._canaries.own_label(places[row], 0) for row in due], torch.int64, device)
            own = (labels[rows] + turns) % self._canaries.classes
            is_canary = upload([place is not None for place in places], torch.bool, device)
            sums = batch_sums(outputs, labels, rows, own, is_canary, self._canaries.choices)
        self._read = (self._pass, sums if self._read is None or self._read[0] != self._pass else self._read[1] + sums)

    def take(self):
        """(the numbers as one float64 tensor where they lie, a function that makes the message of them as a list) of the coming step, or None. The function gives None where no canary was read."""
        if self._read is None:
            return None
        (number, sums), self._read = self._read, None
        examples, self._examples = self._examples, 0
        loss, self._loss = self._loss, None
        loss = torch.zeros((), dtype=torch.float64) if loss is None else loss
        return torch.cat([sums, loss.to(sums.device).reshape(1)]), lambda values: self._message(values, number, examples)

    def _message(self, values, number, examples):
        bins = bins_of(self._canaries.choices)
        counts = [int(count) for count in values[:bins]]
        if not any(counts):
            return None
        loss, advantage, square, pull, others, others_pull, train = values[bins:]
        return CanarySums(
            self._canaries.choices, len(self._canaries), number, struct.pack(f"<{bins}I", *counts), loss, advantage, square, pull, int(others), others_pull, examples, train)

    def _note(self, places):
        """Rows of the canaries that were trained on before, of the pass that is open at the end of the batch."""
        due = []
        for row, place in enumerate(places):
            if place is None:
                continue
            if place in self._in_pass:
                if 2 * len(self._in_pass) * self._ranks < len(self._canaries):
                    continue
                if self._pass == 0:
                    self._examples, self._loss = 0, None  # of the first pass nothing is sent
                self._pass += 1
                self._in_pass.clear()
                due.clear()  # those of this batch that closed the pass: a report speaks of one pass
                self._read = None if self._read is None or self._read[0] != self._pass else self._read
            self._in_pass.add(place)
            if place in self._trained:
                due.append(row)
            self._trained.add(place)
        return due
