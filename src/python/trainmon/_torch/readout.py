"""Numbers on their way from the device to this process: gathered where they lie, copied once into pinned memory, and read at a later step when the device has got there. The training thread
never waits for them. Numbers that are in this machine's memory already go the same way and arrive at once."""

import collections
import time

import torch

# Looks on their way. A device this far behind gets no more of them: what they would need must not pile up.
MOST = 64


class Numbers:
    """What is read together. Each reader gets its own tensor's numbers, flat, float64, on the host; readers are called in the order they were added."""

    def __init__(self):
        self._parts, self._after = [], []
        self.since = None  # an event of the device at the start of what made them, or None

    def add(self, tensor, reader):
        """`reader(values)` when they are there."""
        self._parts.append((tensor.detach(), reader))

    def then(self, action):
        """`action()` after all readers."""
        self._after.append(action)

    @property
    def tensors(self):
        return [tensor for tensor, _ in self._parts]

    def tell(self, values):
        """They have arrived, one after the other."""
        at = 0
        for tensor, reader in self._parts:
            size = tensor.numel()
            reader(values[at : at + size])
            at += size
        for action in self._after:
            action()


class Readout:
    """All that is on its way, oldest first: numbers are told in the order in which they were started."""

    def __init__(self):
        self._waiting = collections.deque()  # (transfer, Numbers, what to call afterwards)

    def __bool__(self):
        return bool(self._waiting)

    @property
    def full(self):
        """Whether no more should be started."""
        return len(self._waiting) >= MOST

    def start(self, numbers, arrived):
        """Begins to move them. `arrived(seconds)` after they were told, with the time that the device took to make them, 0 where that is not known."""
        self._waiting.append((begin(numbers.tensors, numbers.since), numbers, arrived))
        self.poll()

    def poll(self):
        """Tells what has arrived; waits for nothing."""
        while self._waiting and self._waiting[0][0].ready():
            transfer, numbers, arrived = self._waiting.popleft()
            numbers.tell(transfer.values())
            arrived(transfer.seconds)

    def drain(self, seconds):
        """At the end: waits for the device, so long at most. False where it did not get there."""
        end = time.monotonic() + seconds
        self.poll()
        while self._waiting and time.monotonic() < end:
            time.sleep(0.001)
            self.poll()
        return not self._waiting


def begin(tensors, since=None):
    """A transfer: `ready()`, then `values()` and `seconds`."""
    return Here(tensors) if all(tensor.device.type != "cuda" for tensor in tensors) else Away(tensors, since)


class Here:
    """In this machine's memory, or on a device whose events are not known here, which is then waited for."""

    seconds = 0.0

    def __init__(self, tensors):
        self._tensors = tensors

    def ready(self):
        return True

    def values(self):
        return _flat([tensor.cpu() for tensor in self._tensors])


class Away:
    """On CUDA devices: one copy and one event for each of them."""

    def __init__(self, tensors, since):
        self._since, self._parts = since, []  # (places among the tensors, pinned copy, event)
        self._sizes = [tensor.numel() for tensor in tensors]
        for device in dict.fromkeys(tensor.device for tensor in tensors):
            places = [place for place, tensor in enumerate(tensors) if tensor.device == device]
            flat = _flat([tensors[place] for place in places])
            event = None
            if device.type == "cuda":
                with torch.cuda.device(device):
                    copy = torch.empty(flat.shape, dtype=flat.dtype, pin_memory=True)
                    copy.copy_(flat, non_blocking=True)
                    event = torch.cuda.Event(enable_timing=since is not None)
                    event.record()
                flat = copy
            self._parts.append((places, flat, event))

    def ready(self):
        return all(event is None or event.query() for _, _, event in self._parts)

    @property
    def seconds(self):
        last = next(event for _, _, event in reversed(self._parts) if event is not None)
        return self._since.elapsed_time(last) / 1000 if self._since is not None and len(self._parts) == 1 else 0.0

    def values(self):
        pieces = [None] * len(self._sizes)
        for places, flat, _ in self._parts:
            for place, piece in zip(places, flat.split([self._sizes[place] for place in places])):
                pieces[place] = piece
        return torch.cat(pieces)


def capturing():
    """Whether this thread records a CUDA graph: nothing of ours may be in it."""
    return torch.cuda.is_initialized() and torch.cuda.is_current_stream_capturing()


def mark(device):
    """An event of the device now, to time what follows; None where that is not known."""
    if device.type != "cuda":
        return None
    with torch.cuda.device(device):
        event = torch.cuda.Event(enable_timing=True)
        event.record()
    return event


def upload(values, kind, device):
    """A list of numbers as a tensor on the device, without waiting for it."""
    tensor = torch.tensor(values, dtype=kind)
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


def number(value):
    """The value as a number of Python, or as a tensor of its own where it lies on a device and reading it would wait."""
    if isinstance(value, torch.Tensor):
        value = getattr(value, "_local_tensor", value).detach()
        return float(value) if here(value) else value.reshape(()).clone()
    return float(value)


def here(tensor):
    """Whether reading it waits for nothing."""
    return tensor.device.type == "cpu"


def _flat(tensors):
    if not tensors:
        return torch.empty(0, dtype=torch.float64)
    if all(tensor.dim() == 0 and tensor.dtype is torch.float64 for tensor in tensors):
        return torch.stack(tensors)
    return torch.cat([tensor.reshape(-1).to(torch.float64) for tensor in tensors])
