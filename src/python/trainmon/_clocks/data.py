"""What a DataLoader takes. Torch's own base classes are not needed for that, so that torch is not imported here."""


class CanaryDataset:
    """A map-style data set with the canaries' labels and each item's index."""

    def __init__(self, data, canaries, target):
        self.data, self.canaries, self._target = data, canaries, target

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        index = int(index)
        item = self.data[index]
        label = item[self._target]
        own = int(label)
        taken = self.canaries.label_of(index, own)
        if taken != own:
            label = label.new_tensor(taken) if hasattr(label, "new_tensor") else type(label)(taken)
        if isinstance(item, dict):
            return {**item, self._target: label, "index": index}
        place = self._target % len(item)
        return (*item[:place], label, *item[place + 1 :], index)


class SentinelSampler:
    """A sampler without the examples that are withheld. Each time it is gone through is an epoch, unless `set_epoch` says which, as for torch's DistributedSampler."""

    def __init__(self, sentinels, inner):
        self._sentinels, self._inner = sentinels, inner
        self._coming = sentinels.epoch

    def set_epoch(self, epoch):
        """The epoch that comes next; passed on to the sampler inside."""
        self._coming = epoch
        if hasattr(self._inner, "set_epoch"):
            self._inner.set_epoch(epoch)

    def __iter__(self):
        self._sentinels.begin_epoch(self._coming)
        self._coming += 1
        return iter(self._sentinels.filter(self._inner))

    def __len__(self):
        """Of the epoch that comes next; for a sampler that gives a part of the examples, about."""
        whole = self._sentinels.dataset_size
        return len(self._inner) - round(self._sentinels.withheld_count(self._coming) * len(self._inner) / whole)
