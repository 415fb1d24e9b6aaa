"""The way to a local relay over a Unix socket, with nothing but the standard library: docs/relay.md."""
