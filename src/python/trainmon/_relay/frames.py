"""Frames of the relay: two lengths, a JSON header, packed columns. docs/relay.md is the definition."""

import json
import struct

VERSION = 1

# Longest header and body that are read; a longer length is damage or a stranger.
MAX_HEADER = 16 << 20
MAX_BODY = 64 << 20

_LENGTHS = struct.Struct("<II")


class FrameError(ValueError):
    """The other side does not speak this protocol."""


def encode(header, body=b""):
    """One frame's bytes. Numbers in the header must be finite: docs/relay.md has how others are written."""
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")
    return b"".join((_LENGTHS.pack(len(text), len(body)), text, body))


class FrameReader:
    """Takes bytes as they come and gives whole frames."""

    def __init__(self):
        self._buffer = bytearray()

    def feed(self, data):
        """Yields (header, body) for each frame that is whole now."""
        self._buffer += data
        while len(self._buffer) >= _LENGTHS.size:
            header_length, body_length = _LENGTHS.unpack_from(self._buffer)
            if header_length > MAX_HEADER or body_length > MAX_BODY:
                raise FrameError(f"a frame of {header_length} + {body_length} bytes, at most {MAX_HEADER} + {MAX_BODY} are taken")
            end = _LENGTHS.size + header_length + body_length
            if len(self._buffer) < end:
                return
            text = bytes(self._buffer[_LENGTHS.size : _LENGTHS.size + header_length])
            body = bytes(self._buffer[_LENGTHS.size + header_length : end])
            del self._buffer[:end]
            yield _header(text), body


def _header(text):
    try:
        header = json.loads(text.decode("utf-8"))
    except ValueError as error:
        raise FrameError(f"a header that is no JSON: {error}") from error
    if not isinstance(header, dict) or not isinstance(header.get("type"), str):
        raise FrameError("a header without a type")
    return header
