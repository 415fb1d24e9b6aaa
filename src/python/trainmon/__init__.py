"""Training Monitor's client for PyTorch. Nothing but this file is public; torch, grpcio and protobuf are imported when they are needed."""

from ._version import VERSION as __version__

__all__ = ["__version__"]
