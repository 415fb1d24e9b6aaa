"""The wire contract, generated from protos/trainmon/v1 by generate-stubs."""
