"""One layer's inputs and output gradients of the passes of one step."""

import torch

_WHOLE = (torch.float32, torch.float64)


class Capture:
    """Of one layer. What can be reduced to a few numbers an example (`kind.early`) is reduced within the backward pass, so that it holds no activations until the step."""

    def __init__(self, layer, kind):
        self.layer, self.kind = layer, kind
        self.reason = None  # why it is not covered
        self.clear()

    def clear(self):
        """Forgets the passes."""
        self._inputs, self._deltas, self._early = [], [], None
        self.examples = self.backward_passes = 0
        self.rough = False  # it computed in 16 bits

    def forward(self, inputs):
        """A forward pass."""
        self._inputs.append(inputs.detach())

    def backward(self, delta):
        """A backward pass, with the gradient of the output."""
        self.backward_passes += 1
        self.examples += delta.shape[0]
        self.rough = delta.dtype in (torch.float16, torch.bfloat16)
        self._deltas.append(delta.detach())
        if self.kind.early and self.usable:
            with torch.no_grad():
                self._early = self._make()
            self._inputs, self._deltas = [None], [None]

    @property
    def usable(self):
        """One pass forward and one backward."""
        return self.reason is None and len(self._inputs) == 1 and self.backward_passes == 1

    def contributions(self):
        """Of the pass, in the type of the weights: autocast may have had both in 16 bits."""
        return self._make() if self._early is None else self._early

    def _make(self):
        inputs, delta = self._inputs[0], self._deltas[0]
        kind = self.layer.parameters[0].tensor.dtype
        kind = kind if kind in _WHOLE else torch.float32
        if inputs.is_floating_point():
            if inputs.dtype is not delta.dtype and delta.dtype is not kind:
                inputs = inputs.to(delta.dtype)  # as the layer's own product saw it
            inputs = inputs.to(kind)
        return self.kind(self.layer, inputs, delta.to(kind))
