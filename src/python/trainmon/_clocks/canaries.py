"""Examples with wrong labels, which can only be learnt by heart."""

from .data import CanaryDataset
from .mix import SplitMix, hash_of

DEFAULT_SHARE = 0.005

# With less, memorization could not be told from luck at the alarm's level.
LEAST_COUNT = 16


class Canaries:
    """A few training examples of a classifier that get wrong labels at random: what the network knows of them is memorized. Which ones, and their labels, follow from the size of the data
    set (examples are 0 to dataset_size - 1), the number of classes and a seed. Train on `dataset(data)`, or give the targets of each batch through `relabel`; hand it to `watch(canaries=...)`,
    and log `indices`, `outputs` (logits), `targets` and `loss` of each batch before its step.

    A label is drawn uniformly from the classes but the example's own. Of two classes from both: one that is always wrong would be no secret."""

    def __init__(self, dataset_size, classes, seed=0, share=DEFAULT_SHARE):
        if dataset_size < LEAST_COUNT:
            raise ValueError(f"dataset_size is {dataset_size}, at least {LEAST_COUNT} are wanted for canaries")
        if classes < 2:
            raise ValueError(f"classes is {classes}, at least 2 are wanted")
        if not 0 <= share <= 1:
            raise ValueError(f"share is {share!r}, 0 to 1 is wanted")
        self.dataset_size, self.classes = dataset_size, classes
        self.choices = classes - 1 if classes > 2 else classes  # labels that each is drawn from
        random = SplitMix(hash_of(seed, -1))
        count = max(LEAST_COUNT, round(share * dataset_size))
        self._places = {}
        for last in range(dataset_size - count, dataset_size):  # Floyd's sample without replacement: no list of all ids
            id = random.next(last + 1)
            self._places[last if id in self._places else id] = len(self._places)
        self._turns = [classes - self.choices + random.next(self.choices) for _ in range(count)]

    def __len__(self):
        return len(self._turns)

    @property
    def ids(self):
        """Ids of the canaries."""
        return list(self._places)

    def label_of(self, id, label):
        """The label an example is trained with; `label` is its own, 0 to classes - 1."""
        place = self._places.get(id)
        return label if place is None else (label + self._turns[place]) % self.classes

    def relabel(self, ids, targets):
        """The targets of a batch, a tensor [b] of classes, with the canaries' labels: the same tensor where there is none among them, else a copy."""
        ids = ids.reshape(-1).tolist() if hasattr(ids, "tolist") else list(ids)
        if targets.dim() != 1 or len(targets) != len(ids):
            raise ValueError(f"{len(ids)} ids but targets {list(targets.shape)}: one class an example is wanted")
        rows = [row for row, id in enumerate(ids) if id in self._places]
        if not rows:
            return targets
        labels = targets.tolist()
        for row in rows:
            labels[row] = self.label_of(ids[row], labels[row])
        return targets.new_tensor(labels)

    def dataset(self, data, target=1):
        """A data set for a DataLoader: the items of `data`, labels of canaries replaced, and the item's index at the end (in a dictionary as "index"). `target`: place or key of the label."""
        if len(data) != self.dataset_size:
            raise ValueError(f"the data set has {len(data)} examples, the canaries were made for {self.dataset_size}")
        return CanaryDataset(data, self, target)

    def place(self, id):
        """Which canary an example is, or None."""
        return self._places.get(id)

    def own_label(self, place, label):
        """The label of its own of a canary that is trained with `label`; numbers or tensors."""
        return (label + self.classes - self._turns[place]) % self.classes
