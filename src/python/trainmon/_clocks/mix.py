"""SplitMix64 (Steele, Lea and Flood 2014): numbers that no other generator of the run repeats, the same on every machine and in the TorchSharp client."""

_GOLDEN = 0x9E3779B97F4A7C15
_ALL = (1 << 64) - 1
_FIRST, _SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def mix(z):
    """The finalizer: a well mixed function of its argument."""
    z = ((z ^ (z >> 30)) * _FIRST) & _ALL
    z = ((z ^ (z >> 27)) * _SECOND) & _ALL
    return z ^ (z >> 31)


def hash_of(seed, number):
    """A hash of a whole number under a seed."""
    return mix((mix((seed + _GOLDEN) & _ALL) + number * _GOLDEN) & _ALL)


def hashes(seed, first, end):
    """`hash_of` of first ... end - 1 as an int64 tensor: the bits are those of the unsigned number."""
    import torch

    z = torch.arange(first, end, dtype=torch.int64) * _signed(_GOLDEN) + _signed(mix((seed + _GOLDEN) & _ALL))
    z = (z ^ _shift(z, 30)) * _signed(_FIRST)
    z = (z ^ _shift(z, 27)) * _signed(_SECOND)
    return z ^ _shift(z, 31)


def remainders(unsigned, divisor):
    """Of the unsigned numbers whose bits are given."""
    return (_shift(unsigned, 1) % divisor * 2 + (unsigned & 1)) % divisor


class SplitMix:
    """A stream of numbers."""

    def __init__(self, state):
        self._state = state

    def next(self, below):
        """From 0 to below - 1, each equally likely (the product method)."""
        self._state = (self._state + _GOLDEN) & _ALL
        return (mix(self._state) * below) >> 64


def _shift(z, by):
    return (z >> by) & ((1 << (64 - by)) - 1)  # without the sign


def _signed(number):
    return number - (1 << 64) if number >> 63 else number
