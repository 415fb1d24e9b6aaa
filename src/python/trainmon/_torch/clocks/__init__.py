"""What the opt-in clocks of memorization read from a training."""
