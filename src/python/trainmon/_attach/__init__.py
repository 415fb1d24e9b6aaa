"""What runs inside a training process that knows nothing of the monitor. Standard library, and the torch that is there; nothing of it may raise into the training."""
