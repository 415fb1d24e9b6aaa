"""What one rank of DistributedDataParallel would have stepped with by itself: its gradient before the reduction, from a communication hook. Each rank is then a unit of the batch, whatever its
layers are, and what clipping and scaling made of the gradient afterwards is the ratio of what the optimizer sees to what the reduction gave. The user's own hook, or torch's, does the communication; ours calls no collective."""

import torch

from .readout import capturing


class RankNoise:
    """Lives as long as the DDP module: a communication hook cannot be taken off. It copies buckets only while it is armed."""

    def __init__(self, on_error):
        self._on_error = on_error
        self._armed = False
        self._own, self._reduced, self._buckets = {}, [], []

    def register(self, module, hook, state):
        """On a DDP module, around the hook that is to communicate."""
        if hook is None:
            from torch.distributed.algorithms.ddp_comm_hooks.default_hooks import allreduce_hook as hook

        def watched(state, bucket):
            armed = self._armed and not capturing()
            if armed:
                self._take(bucket)
            future = hook(state, bucket)
            return future.then(self._after) if armed else future

        module.register_comm_hook(state, watched)

    def arm(self, on):
        """For the coming backward pass, or not."""
        self._armed = on
        self._own, self._reduced, self._buckets = {}, [], []

    def gradients(self):
        """This rank's gradient by id of the parameter, as the backward pass made it; None where there was not exactly one reduction."""
        return self._own if self._own and len(self._buckets) == len(set(self._buckets)) == len(self._reduced) else None

    def reduced_square(self):
        """|g|^2 of what the reduction gave, before scaling and clipping."""
        first = self._reduced[0].device
        return torch.stack([square.to(first, non_blocking=True) for square in self._reduced]).sum()

    def _take(self, bucket):
        try:
            buffer = bucket.buffer()
            copy = buffer.detach().clone()  # the reduction is made in place
            for parameter, gradient in zip(bucket.parameters(), bucket.gradients()):
                self._own[id(parameter)] = copy.as_strided(gradient.size(), gradient.stride(), gradient.storage_offset() - buffer.storage_offset())
            self._buckets.append(bucket.index())
        except Exception as error:  # a hook of ours must not end a backward pass
            self._on_error(error)

    def _after(self, future):
        value = future.value()
        try:
            tensor = (value[0] if isinstance(value, (list, tuple)) else value).detach()
            self._reduced.append((tensor * tensor).sum(dtype=torch.float64))
        except Exception as error:
            self._on_error(error)
        return value
