"""Straight to a server over gRPC. Needs grpcio and protobuf; nothing else of the package does."""
