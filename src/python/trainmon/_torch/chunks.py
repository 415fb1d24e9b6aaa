"""The sums of one parameter that is contiguous in this machine's memory, a piece of it at a time, so that what is formed on the way stays in the cache and nothing of the
parameter's size is allocated. Constants are folded into the few passes: with r = sqrt(v) + eps' the update is m/r times a number."""

import math

import torch

# Elements of a piece: three buffers of floats in the second-level cache of both cores.
PIECE = 128 << 10
_TYPES = (torch.float32, torch.float64)


def fits(*tensors):
    """Whether the tensors can be taken in pieces: same type, contiguous, in memory."""
    kind = tensors[0].dtype
    return kind in _TYPES and all(t.device.type == "cpu" and t.layout is torch.strided and t.dtype is kind and t.is_contiguous() for t in tensors)


class Buffers:
    """Scratch of one type, made once."""

    def __init__(self):
        self._made = {}

    def of(self, kind, count, size):
        """`count` flat tensors of `size` elements."""
        made = self._made.setdefault(kind, [])
        while len(made) < count:
            made.append(torch.empty(PIECE, dtype=kind))
        return [buffer if size == PIECE else buffer[:size] for buffer in made[:count]]


def pieces(*tensors):
    """The tensors flat, a piece of each at a time, from the end."""
    flat = [t.detach().view(-1) for t in tensors]
    size = flat[0].numel()
    if size <= PIECE:
        yield flat
        return
    for at in reversed(range(0, size, PIECE)):
        yield [f[at : at + PIECE] for f in flat]


def dot(a, b):
    """<a, b> as a number of Python."""
    return torch.dot(a, b).item()


class LinearUpdate:
    """u = a g + b w + c m and first = p g + q w + r m: SGD in all its forms. Every sum of it follows from inner products of g, w and m."""

    def __init__(self, update, first, gain):
        self.update, self.first, self.gain = update, first, gain

    def sums(self, g, w, m, saved, unscale, buffers, keep=None):
        """(gg, gw, ww, own, uu, ff, cross). `saved`: u_{t-1} or None, then c is <g, m> alone. `keep`: where u_t goes, `saved` itself or other memory; None: nowhere."""
        gg = gw = ww = gm = wm = mm = gs = 0.0
        a, b, c = self.update
        last = saved if keep is None else keep
        tensors = [t for t in (g, w, m, last) if t is not None]
        for piece in pieces(*tensors):
            x, y = piece[:2]
            if unscale is not None:
                x = torch.mul(x, unscale, out=buffers.of(x.dtype, 1, x.numel())[0])
            gg += dot(x, x)
            gw += dot(x, y)
            ww += dot(y, y)
            if m is not None:
                z = piece[2]
                gm += dot(x, z)
                mm += dot(z, z)
                if self.update[1] or self.first[1]:
                    wm += dot(y, z)
            if saved is not None:
                gs += dot(x, piece[-1])
            if keep is not None:
                kept = torch.mul(x, a, out=piece[-1])
                if b:
                    kept.add_(y, alpha=b)
                if c and m is not None:
                    kept.add_(piece[2], alpha=c)
        products = (gg, gw, ww, gm, wm, mm)
        return gg, gw, ww, a * gg + b * gw + c * gm, _square(self.update, products), _square(self.first, products), (gm, gs)


def _square(coefficients, products):
    a, b, c = coefficients
    gg, gw, ww, gm, wm, mm = products
    return a * a * gg + b * b * ww + c * c * mm + 2 * (a * b * gw + a * c * gm + b * c * wm)


class AdamUpdate:
    """Adam's, from the state before the step."""

    def __init__(self, beta1, beta2, epsilon, rate, decay, coupled, steps, previous_rate):
        self.beta1, self.beta2, self.coupled = beta1, beta2, coupled
        self.decay, self.steps = decay, steps  # decay: learning rate times lambda where it is decoupled; steps: after this one
        # m' = beta1 (m + d (1 - beta1)/beta1); v' = beta2 (v + c d^2); sqrt(v'/(1 - beta2^t)) + eps = k (sqrt(v + c d^2) + eps/k).
        k = math.sqrt(beta2 / (1 - beta2**steps))
        self.epsilon, self.scale = epsilon / k, rate / (1 - beta1**steps) / k
        self.gate = 2 * (1 - beta2**steps) / (1 - beta1**steps) ** 2 / beta2 * (beta1 or 1.0) ** 2
        if steps > 1:
            before = 1 / math.sqrt(1 - beta2 ** (steps - 1))
            self.previous_epsilon, self.previous_root = epsilon / before, before
            self.previous_scale = (previous_rate or 0.0) / (1 - beta1 ** (steps - 1)) / before

    @property
    def gain(self):
        """P = gain / r."""
        return self.scale * (1 - self.beta1)

    def sums(self, g, w, m, v, unscale, buffers, wanted):
        """A dictionary of sums. `wanted`: names among cross, gate, self."""
        result = dict.fromkeys(("gg", "gw", "ww", "mm", "v", "gu", "uu", "wu", "cross", "stale", "open", "total", "self"), 0.0)
        c = (1 - self.beta2) / self.beta2
        for x, y, first, second in pieces(g, w, m, v):
            size = x.numel()
            a, b, e, *rest = buffers.of(x.dtype, 3 + (unscale is not None) + bool(self.coupled), size)
            if unscale is not None:
                x = torch.mul(x, unscale, out=rest.pop())
            d = torch.add(x, y, alpha=self.coupled, out=rest.pop()) if self.coupled else x
            result["gg"] += dot(x, x)
            result["gw"] += dot(x, y)
            result["ww"] += dot(y, y)
            if "cross" in wanted:
                torch.sqrt(second, out=b)
                b.add_(self.previous_epsilon)
                torch.div(x, b, out=e)
                result["cross"] += dot(first, e)
                result["stale"] += dot(e, e)
            torch.add(first, d, alpha=(1 - self.beta1) / self.beta1, out=a) if self.beta1 else a.copy_(d)
            torch.addcmul(second, d, d, value=c, out=b)
            result["mm"] += dot(a, a)
            result["v"] += b.sum().item()
            if "gate" in wanted:
                result["open"] += (torch.mul(a, a, out=e).mul_(self.gate) > b).sum().item()
                result["total"] += torch.count_nonzero(b).item()
            b.sqrt_().add_(self.epsilon)
            if "self" in wanted:
                result["self"] += dot(x, torch.div(x, b, out=e))
            a.div_(b)
            result["gu"] += dot(x, a)
            result["uu"] += dot(a, a)
            if self.decay:
                result["wu"] += dot(y, a)
        factor = self.beta1 or 1.0  # a is m'/beta1
        for name, power in (("mm", 2), ("gu", 1), ("uu", 2), ("wu", 1)):
            result[name] *= factor**power
        result["v"] *= self.beta2
        return result
