"""Opt-in clocks of memorization: which examples get wrong labels, and which are withheld. The same ones as the TorchSharp client's, from the same seeds."""
