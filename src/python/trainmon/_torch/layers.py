"""Which parameters belong to which layer: the parameters of one module (weight and bias) are one layer."""

from .._enums import Combination, Statistic
from .._report import ColumnDeclaration, Layer, LayerTable
from .ranks import counts, local, shards


class WatchedParameter:
    """A trainable tensor of an optimizer. `place`: number of its parameter group."""

    def __init__(self, tensor, name, layer, place, rule):
        self.tensor, self.name, self.layer, self._place, self.rule = tensor, name, layer, place, rule
        self.learning_rate = None  # of the step before, for the update that it made
        self.saved = None  # u of the step before, where the optimizer does not keep it
        self.counts = True  # False: another rank sends what this one holds a copy of

    @property
    def group(self):
        """Its parameter group; `load_state_dict` makes new ones."""
        return self.rule.optimizer.param_groups[self._place]

    @property
    def local(self):
        """Its values on this rank."""
        return local(self.tensor).detach()


class WatchedLayer:
    """A module's own parameters."""

    def __init__(self, index, name, module):
        self.index, self.name, self.module = index, name, module
        self.parameters = []

    def __getitem__(self, name):
        """The parameter of that name in the module, or None."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)


def compiled(model):
    """Whether torch.compile has the model, or a part of it, as far as the model shows it."""
    return any(type(m).__name__ == "OptimizedModule" or getattr(m, "_compiled_call_impl", None) is not None for m in model.modules())


class LayerMap:
    """Layers in the order of the model; parameters in the optimizer and not in the model are layers of their own. A tensor that several modules share
    (tied weights) belongs to the first."""

    def __init__(self, model, rules):
        groups = {id(tensor): (place, rule) for rule in rules for place, group in enumerate(rule.optimizer.param_groups) for tensor in group["params"] if tensor.requires_grad}
        self.layers, self.parameters = [], []
        self.shared = set()  # ids of tensors that more than one module holds
        self.sharded = shards(model)
        seen = {}
        for path, module in model.named_modules():
            layer, path = None, path.replace("_orig_mod.", "").replace("_orig_mod", "")  # a compiled model's own name for itself
            for name, tensor in module.named_parameters(recurse=False):
                if id(tensor) not in groups:
                    continue
                if id(tensor) in seen:
                    self.shared.add(id(tensor))
                    continue
                if layer is None:
                    layer = self._layer(path or type(module).__name__, module)
                seen[id(tensor)] = self._add(tensor, name, layer, *groups[id(tensor)])
        for rule in rules:
            for place, group in enumerate(rule.optimizer.param_groups):
                for tensor in group["params"]:
                    if tensor.requires_grad and id(tensor) not in seen:
                        layer = self._layer(f"parameter {len(self.layers)}", None)
                        seen[id(tensor)] = self._add(tensor, "parameter", layer, place, rule)
        self._known = set(seen)

    def misses(self, rules):
        """Whether the optimizers hold a trainable tensor that is not here."""
        return any(tensor.requires_grad and id(tensor) not in self._known for rule in rules for group in rule.optimizer.param_groups for tensor in group["params"])

    def release(self):
        """Forgets all of them. Layers and parameters refer to each other: no collector is waited for."""
        for layer in self.layers:
            layer.module = None
            layer.parameters.clear()
        self.layers.clear()
        self.parameters.clear()
        self.shared.clear()

    def table(self, declarations):
        """The layer table of the stream."""
        layers = []
        for layer in self.layers:
            count = sum(parameter.tensor.numel() for parameter in layer.parameters)
            kind = type(layer.module).__name__ if layer.module is not None else "parameter"
            layers.append(Layer(layer.name, kind, count, list(layer.parameters[0].tensor.shape)))
        return LayerTable(layers, declarations)

    def _layer(self, name, module):
        layer = WatchedLayer(len(self.layers), name, module)
        self.layers.append(layer)
        return layer

    def _add(self, tensor, name, layer, place, rule):
        parameter = WatchedParameter(tensor, name, layer, place, rule)
        parameter.counts = self.sharded != "tensors" or counts(tensor)
        layer.parameters.append(parameter)
        self.parameters.append(parameter)
        return parameter


# Gradients are the same on all ranks after their reduction; examples are each rank's own.
RANK_LOCAL = frozenset({Statistic.EXAMPLE_GRAD_SQ, Statistic.SELF_SECOND_MOMENT})


# Not a sum over elements: parts of it do not add up.
NOT_ADDITIVE = frozenset({Statistic.RMS_STALENESS})


def declarations(statistics, sharded=False):
    """How ranks combine."""
    if sharded:
        return [ColumnDeclaration(s, Combination.SHARDED) for s in statistics if s not in NOT_ADDITIVE]
    return [ColumnDeclaration(s, Combination.RANK_LOCAL if s in RANK_LOCAL else Combination.REPLICATED) for s in statistics]
