"""Finds live optimizers and models: one pass over the garbage collector's objects, by their types alone. isinstance is not used: proxies run user code for it."""

import gc
import time
import weakref

_OPTIMIZER = ("torch.optim.optimizer", "Optimizer")
_MODULE = ("torch.nn.modules.module", "Module")

# Objects looked at before other threads may run.
_SLICE = 2000

_WRAPPERS = {"DataParallel": "module", "DistributedDataParallel": "module", "OptimizedModule": "_orig_mod"}


class Found:
    """Weak references to what lives."""

    def __init__(self, optimizers, modules):
        self.optimizers = [weakref.ref(optimizer) for optimizer in optimizers]
        self.modules = [weakref.ref(module) for module in modules]


def scan():
    """Optimizers that stand for themselves, and modules that are part of no other."""
    optimizers, modules, kinds = [], [], {}
    objects = gc.get_objects()
    for start in range(0, len(objects), _SLICE):
        for item in objects[start : start + _SLICE]:
            kind = type(item)
            known = kinds.get(kind)
            if known is None:
                known = kinds[kind] = _kind(kind)
            if known is _OPTIMIZER:
                optimizers.append(item)
            elif known is _MODULE:
                modules.append(item)
        time.sleep(0)
    del objects
    return Found([o for o in optimizers if stands_for_itself(o)], roots(modules))


def is_optimizer(kind):
    """Whether a type is an optimizer's."""
    return _kind(kind) is _OPTIMIZER


def stands_for_itself(optimizer):
    """False for a wrapper around another optimizer, whose step is called by the wrapper's, and for one without parameters."""
    held = vars(optimizer)
    inner = held.get("optimizer")
    return bool(held.get("param_groups")) and not (inner is not None and _kind(type(inner)) is _OPTIMIZER)


def roots(modules):
    """Those that are nobody's child."""
    children = {id(child) for module in modules for child in (vars(module).get("_modules") or {}).values() if child is not None}
    return [module for module in modules if id(module) not in children]


def size(optimizer):
    """Trainable values of an optimizer."""
    return sum(tensor.numel() for group in optimizer.param_groups for tensor in group["params"] if tensor.requires_grad)


def model_of(optimizers, modules):
    """The module that holds most of the optimizers' parameters, or several of them as one; wrappers are taken off."""
    wanted = {id(tensor) for optimizer in optimizers for group in optimizer.param_groups for tensor in group["params"] if tensor.requires_grad}
    shares = [(len(wanted & {id(tensor) for tensor in module.parameters()}), module) for module in modules]
    held = [module for share, module in sorted(shares, key=lambda pair: -pair[0]) if share > 0]
    chosen, covered = [], set()
    for module in held:
        more = (wanted & {id(tensor) for tensor in module.parameters()}) - covered
        if more:
            chosen.append(unwrapped(module))
            covered |= more
    return chosen[0] if len(chosen) == 1 else Several(chosen)


def unwrapped(module):
    """Without data parallelism's and the compiler's shells, so that layers have the user's names."""
    while type(module).__name__ in _WRAPPERS:
        inner = getattr(module, _WRAPPERS[type(module).__name__], None)
        if inner is None:
            break
        module = inner
    return module


class Several:
    """Several models that step as one: their modules under the names of their classes."""

    def __init__(self, modules):
        self._modules = modules

    def named_modules(self):
        """As torch.nn.Module's."""
        used = set()
        for index, root in enumerate(self._modules):
            name = type(root).__name__
            name = name if name not in used else f"{name}{index}"
            used.add(name)
            for path, module in root.named_modules():
                yield (f"{name}.{path}" if path else name), module


def _kind(kind):
    for base in kind.__mro__:
        name = (base.__module__, base.__qualname__)
        if name in (_OPTIMIZER, _MODULE):
            return _OPTIMIZER if name == _OPTIMIZER else _MODULE
    return False
