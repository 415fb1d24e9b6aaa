"""Several ranks. Under data parallelism what the optimizer sees is the mean over ranks, and what a hook sees in the backward pass is this rank's own. Under sharding (FSDP, tensor
parallelism) a rank has parts of parameters, and the sums over the parts add up. No collective is ever called: each rank sends its part, the server adds."""

import sys


def world_size():
    """Processes of the default group; 1 where there is none."""
    distributed = sys.modules.get("torch.distributed")
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return 1
    return distributed.get_world_size()


def rank():
    """This process's place in the default group."""
    return sys.modules["torch.distributed"].get_rank() if world_size() > 1 else 0


def local(tensor):
    """This rank's part of a distributed tensor, without an operation of its own; any other tensor is itself."""
    return getattr(tensor, "_local_tensor", tensor)


def is_distributed(tensor):
    """Whether it is a part of something (a DTensor)."""
    return hasattr(tensor, "_local_tensor")


def shards(model):
    """"tensors" where parameters are distributed tensors (FSDP2, tensor parallelism), "flat" for the first FSDP's own, "" where every rank has all."""
    modules = list(model.modules() if hasattr(model, "modules") else (module for _, module in model.named_modules()))
    if any(type(module).__name__ == "FullyShardedDataParallel" for module in modules):
        return "flat"
    return "tensors" if any(is_distributed(p) for module in modules for p in module.parameters(recurse=False)) else ""


def counts(tensor):
    """Whether this rank is the one that counts its part: one of those that hold a copy of it."""
    if is_distributed(tensor):
        coordinate = tensor.device_mesh.get_coordinate()
        return coordinate is not None and all(place == 0 for place, placement in zip(coordinate, tensor.placements) if placement.is_replicate())
    return rank() == 0
