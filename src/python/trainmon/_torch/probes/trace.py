"""What a pass or a careless closure may change is kept and put back: random state, buffers, gradients, train/eval mode. Weights are not: probes that move them restore them themselves."""

import torch


class NoTrace:
    """A context manager."""

    def __init__(self, model, parameters):
        self._model, self._parameters = model, parameters

    def __enter__(self):
        self._modes = [(module, module.training) for module in self._model.modules()]
        self._buffers = [(buffer, buffer.detach().clone()) for buffer in self._model.buffers()]
        self._gradients = [(p, p.grad, None if p.grad is None else p.grad.detach().clone()) for p in self._parameters]
        self._random = torch.get_rng_state()
        self._devices = torch.cuda.get_rng_state_all() if torch.cuda.is_available() and torch.cuda.is_initialized() else None
        return self

    def rewind(self):
        """Puts the random state back, so that two passes draw the same."""
        torch.set_rng_state(self._random)
        if self._devices is not None:
            torch.cuda.set_rng_state_all(self._devices)

    def __exit__(self, *_):
        with torch.no_grad():
            self.rewind()
            for buffer, kept in self._buffers:
                buffer.copy_(kept)
            for parameter, gradient, kept in self._gradients:
                if gradient is not None and not torch.equal(gradient, kept):
                    gradient.copy_(kept)
                parameter.grad = gradient
        for module, training in self._modes:
            module.training = training
        return False
