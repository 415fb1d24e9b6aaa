"""A device that is made of this machine's memory and gets to each copy some steps later. Whoever reads a tensor within the monitor's hooks before it was handed over is caught."""

import contextlib
from unittest import mock

import torch

from trainmon._torch import capture, chunks, readout, session

_READING = ("item", "tolist", "cpu", "numpy", "__float__", "__int__", "__bool__", "__index__")


class FakeDevice:
    """`steps` of the monitor go by before a transfer is ready."""

    def __init__(self, steps):
        self.now, self.steps, self.seconds = 0, steps, 0.0
        self.started = 0
        self._inside = self._handed = 0

    def begin(self, tensors, _since=None):
        self.started += 1
        return Transfer(self, tensors, self.now + self.steps)

    @contextlib.contextmanager
    def inside(self):
        """The monitor's own code runs."""
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    @contextlib.contextmanager
    def handed(self):
        """What arrived may be read."""
        self._handed += 1
        try:
            yield
        finally:
            self._handed -= 1

    def check(self, name):
        if self._inside and not self._handed:
            raise AssertionError(f"{name} waits for the device")


class Transfer:
    def __init__(self, device, tensors, due):
        self._device, self._due = device, due
        self._tensors = [tensor.clone() for tensor in tensors]
        self.seconds = device.seconds

    def ready(self):
        return self._device.now >= self._due

    def values(self):
        assert self.ready(), "read before it was ready"
        with self._device.handed():
            return torch.cat([torch.empty(0, dtype=torch.float64)] + [tensor.reshape(-1).double() for tensor in self._tensors])


@contextlib.contextmanager
def fake_device(steps):
    """All tensors lie on it."""
    device = FakeDevice(steps)

    def within(original):
        def call(*args, **kwargs):
            with device.inside():
                return original(*args, **kwargs)

        return call

    def before(original):
        def call(*args, **kwargs):
            device.now += 1
            with device.inside():
                return original(*args, **kwargs)

        return call

    def reading(name, original):
        def call(self, *args, **kwargs):
            device.check(name)
            return original(self, *args, **kwargs)

        return call

    def tell(original):
        def call(*args):
            with device.handed():
                return original(*args)

        return call

    with contextlib.ExitStack() as stack:
        def patch(target, name, value):
            stack.enter_context(mock.patch.object(target, name, value))

        patch(readout, "begin", device.begin)
        patch(readout, "here", lambda tensor: False)
        patch(chunks, "fits", lambda *tensors: False)
        patch(readout.Numbers, "tell", tell(readout.Numbers.tell))
        patch(session.WatchSession, "before_update", before(session.WatchSession.before_update))
        patch(session.WatchSession, "after_update", within(session.WatchSession.after_update))
        patch(session.WatchSession, "log", within(session.WatchSession.log))
        patch(capture.Capture, "backward", within(capture.Capture.backward))
        for name in _READING:
            patch(torch.Tensor, name, reading(name, getattr(torch.Tensor, name)))
        yield device
