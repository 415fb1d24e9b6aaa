"""What each example of a batch contributes to a layer's gradient: c_i, with sum_i c_i the gradient of a mean loss and g_i = b c_i the example's own. Sums of squares by coordinate
and by example; inner products with an update."""

import torch
from torch.nn import functional

# Elements of contributions formed at once.
CHUNK_ELEMENTS = 8 << 20


def kind_of(module):
    """(class of the sums of a module, None), or (None, why there is none)."""
    name = type(module).__name__ if module is not None else "a parameter of no module"
    if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
        return None, f"{name} is not supported: it couples the examples of a batch"
    kind = _KINDS.get(type(module))
    if kind is None:
        return None, f"no per-example sums for {name}"
    reason = kind.problem(module)
    return (None, f"no per-example sums for {name} with {reason}") if reason else (kind, None)


class Contributions:
    """Of one layer, from its input and the gradient of its output."""

    early = False  # small, whatever the input's size: made within the backward pass

    def __init__(self, layer, inputs, delta):
        self.layer, self.batch = layer, delta.shape[0]
        self.read(inputs, delta)

    @staticmethod
    def problem(_module):
        """None, or what of it is not covered."""
        return None

    def squares(self):
        """Yields (parameter, sum_i c_i^2 of its shape, |c_i|^2 an example in float64, sum_i c_i of its shape)."""
        raise NotImplementedError

    def totals(self):
        """Yields (parameter, sum_i c_i)."""
        return ((parameter, total) for parameter, _, _, total in self.squares())

    def cross(self, updates):
        """<c_i, u> an example in float64; `updates` maps a parameter to u."""
        raise NotImplementedError

    @staticmethod
    def whole(parameter, c):
        """The sums of contributions that are all there, (b, ...)."""
        squares = c.square()
        return parameter, squares.sum(0), squares.flatten(1).sum(1, dtype=torch.float64), c.sum(0)


class OfPositions(Contributions):
    """c_i = sum over positions of delta times a: `a` is (b, positions, in), `d` is (b, positions, out)."""

    def squares(self):
        weight, bias = self.layer["weight"], self.layer["bias"]
        if weight is not None:
            squares, examples, total = self._one_position() if self.a.shape[1] == 1 else self._positions()
            shape = weight.tensor.shape
            yield weight, squares.reshape(shape), examples, total.reshape(shape)
        if bias is not None:
            yield self.whole(bias, self.d.sum(1))

    def totals(self):
        weight, bias = self.layer["weight"], self.layer["bias"]
        d = self.d.flatten(0, 1)
        if weight is not None:
            yield weight, d.t().mm(self.a.flatten(0, 1)).reshape(weight.tensor.shape)
        if bias is not None:
            yield bias, d.sum(0)

    def cross(self, updates):
        weight, bias = self.layer["weight"], self.layer["bias"]
        output = 0
        if weight is not None:
            output = self.a.matmul(updates[weight].flatten(1).t())
        if bias is not None:
            output = output + updates[bias]
        return (output * self.d).sum((1, 2), dtype=torch.float64)

    def _one_position(self):
        a, d = self.a[:, 0], self.d[:, 0]
        a2, d2 = a.square(), d.square()
        return d2.t().mm(a2), a2.sum(1, dtype=torch.float64) * d2.sum(1, dtype=torch.float64), d.t().mm(a)

    def _positions(self):
        chunk = max(1, min(self.batch, CHUNK_ELEMENTS // max(1, self.a.shape[-1] * self.d.shape[-1])))
        squares = total = 0
        examples = []
        for at in range(0, self.batch, chunk):
            c = self.d[at : at + chunk].transpose(1, 2).matmul(self.a[at : at + chunk])
            total = total + c.sum(0)
            c = c.square()
            squares = squares + c.sum(0)
            examples.append(c.flatten(1).sum(1, dtype=torch.float64))
        return squares, torch.cat(examples), total


class OfLinear(OfPositions):
    """Linear, with one or many positions an example."""

    def read(self, inputs, delta):
        self.a = inputs.reshape(self.batch, -1, inputs.shape[-1])
        self.d = delta.reshape(self.batch, -1, delta.shape[-1])


class OfConvolution(OfPositions):
    """Convolutions in one and two dimensions: each place of the output is a position."""

    @staticmethod
    def problem(module):
        if module.groups != 1:
            return "groups"
        if isinstance(module.padding, str) or module.padding_mode != "zeros":
            return f"padding {module.padding if isinstance(module.padding, str) else module.padding_mode}"
        return None

    def read(self, inputs, delta):
        module = self.layer.module
        size, stride, padding, dilation = module.kernel_size, module.stride, module.padding, module.dilation
        if inputs.dim() == 3:  # one dimension is two, the first of length 1
            inputs = inputs.unsqueeze(2)
            size, stride, padding, dilation = (1, *size), (1, *stride), (0, *padding), (1, *dilation)
        self.a = functional.unfold(inputs, size, dilation, padding, stride).transpose(1, 2)
        self.d = delta.flatten(2).transpose(1, 2)


class OfLayerNorm(Contributions):
    """The scale and shift of LayerNorm."""

    early = True

    def read(self, inputs, delta):
        module = self.layer.module
        shape = module.normalized_shape
        normalized = functional.layer_norm(inputs, shape, eps=module.eps)
        self.scale = (delta * normalized).reshape(self.batch, -1, *shape).sum(1)
        self.shift = delta.reshape(self.batch, -1, *shape).sum(1)

    def squares(self):
        for name, c in (("weight", self.scale), ("bias", self.shift)):
            if self.layer[name] is not None:
                yield self.whole(self.layer[name], c)

    def cross(self, updates):
        return sum((c * updates[self.layer[name]]).flatten(1).sum(1, dtype=torch.float64) for name, c in (("weight", self.scale), ("bias", self.shift)) if self.layer[name] is not None)


class OfRmsNorm(Contributions):
    """The scale of RMSNorm (torch 2.4 and later)."""

    early = True

    def read(self, inputs, delta):
        module = self.layer.module
        shape = module.normalized_shape
        kept = tuple(range(inputs.dim() - len(shape), inputs.dim()))
        epsilon = torch.finfo(inputs.dtype).eps if module.eps is None else module.eps
        normalized = inputs * (inputs.square().mean(kept, keepdim=True) + epsilon).rsqrt()
        self.scale = (delta * normalized).reshape(self.batch, -1, *shape).sum(1)

    def squares(self):
        yield self.whole(self.layer["weight"], self.scale)

    def cross(self, updates):
        return (self.scale * updates[self.layer["weight"]]).flatten(1).sum(1, dtype=torch.float64)


class OfEmbedding(Contributions):
    """Rows of a table; an example may take a row more than once."""

    @staticmethod
    def problem(module):
        if module.padding_idx is not None:
            return "a padding row"
        return "max_norm, scaled or sparse gradients" if module.max_norm is not None or module.scale_grad_by_freq or module.sparse else None

    def read(self, inputs, delta):
        self.tokens = inputs.reshape(self.batch, -1)
        self.d = delta.reshape(self.batch, -1, delta.shape[-1])

    def squares(self):
        weight = self.layer["weight"]
        rows = weight.tensor.shape[0]
        owners = torch.arange(self.batch, device=self.tokens.device).unsqueeze(1)
        # Rows that an example takes more than once are one, found by sorting: to count how many there are would wait for the device. What is left over adds zeros.
        pairs, order = (owners * rows + self.tokens).flatten().sort()
        place = torch.cat([pairs.new_zeros(1), (pairs[1:] != pairs[:-1]).to(pairs.dtype).cumsum(0)])
        c = torch.zeros_like(self.d.flatten(0, 1)).index_add_(0, place, self.d.flatten(0, 1)[order])
        pairs = torch.zeros_like(pairs).scatter_(0, place, pairs)
        token, owner = pairs % rows, torch.div(pairs, rows, rounding_mode="floor")
        table = self.d.new_zeros(weight.tensor.shape)
        squares = c.square()
        examples = torch.zeros(self.batch, dtype=torch.float64, device=c.device).index_add_(0, owner, squares.sum(1, dtype=torch.float64))
        yield weight, table.index_add(0, token, squares), examples, table.index_add(0, token, c)

    def cross(self, updates):
        return (self.d * updates[self.layer["weight"]][self.tokens]).sum((1, 2), dtype=torch.float64)


_KINDS = {
    torch.nn.Linear: OfLinear,
    torch.nn.Conv1d: OfConvolution,
    torch.nn.Conv2d: OfConvolution,
    torch.nn.LayerNorm: OfLayerNorm,
    torch.nn.Embedding: OfEmbedding,
}
if hasattr(torch.nn, "RMSNorm"):
    _KINDS[torch.nn.RMSNorm] = OfRmsNorm

# Their sums cost two passes over activations, no product of matrices.
NORMS = frozenset({OfLayerNorm, OfRmsNorm})
