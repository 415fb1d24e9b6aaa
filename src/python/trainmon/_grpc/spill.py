"""Frames on disk while the server is away: append-only files in a folder of this process, each record with its length, sequence and a CRC-32, as the .NET client writes them.
It bridges an outage of the server, not of this process: what is left at the end is deleted and said, and what a killed process left is cleared by the next one."""

import os
import shutil
import struct
import tempfile
import zlib

try:
    import fcntl
except ImportError:  # no such locks: what others left is left alone
    fcntl = None

_HEADER = struct.Struct("<IIQ")  # length of the frame, CRC-32 of what follows this field, sequence
_SEGMENT_BYTES = 4 << 20
_LOCK = "lock"


class SpillStore:
    """Not safe between threads. OSError where the disk refuses."""

    def __init__(self, root, segment_bytes=_SEGMENT_BYTES):
        os.makedirs(root, mode=0o700, exist_ok=True)
        _clear(root)
        self.folder = tempfile.mkdtemp(prefix="run-", dir=root)
        self.bytes = 0
        self._guard = _lock(self.folder)
        self._segment_bytes = segment_bytes
        self._segments = []  # _Segment, oldest first
        self._made = 0

    @property
    def first(self):
        """Sequence of the oldest frame; 0 while empty."""
        return self._segments[0].first if self._segments else 0

    def append(self, frames):
        """(sequence, bytes) that follow what is here. One write; where it fails nothing was appended."""
        if not self._segments or self._segments[-1].length >= self._segment_bytes:
            self._made += 1
            self._segments.append(_Segment(os.path.join(self.folder, f"{self._made:06d}.spill"), frames[0][0]))
        self.bytes += self._segments[-1].append(frames)

    def read(self, sequence):
        """A frame's bytes, or None where it is not there whole."""
        for segment in self._segments:
            if sequence < segment.first + len(segment.places):
                return segment.read(sequence)
        return None

    def forget(self, durable):
        """Deletes the files whose frames are all safe at the server."""
        while self._segments and self._segments[0].last <= durable:
            self.bytes -= self._segments[0].length
            self._segments.pop(0).delete()

    def close(self):
        """Deletes everything."""
        for segment in self._segments:
            segment.file.close()
        self._segments, self.bytes = [], 0
        if self._guard is not None:
            self._guard.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class _Segment:
    """One file."""

    def __init__(self, path, first):
        self.path, self.first = path, first
        self.file = open(path, "x+b", buffering=0)
        self.length = 0
        self.places = []  # offset of each record

    @property
    def last(self):
        return self.first + len(self.places) - 1

    def append(self, frames):
        parts, offset, places = [], self.length, []
        for sequence, data in frames:
            rest = struct.pack("<Q", sequence) + data
            parts += [_HEADER.pack(len(data), zlib.crc32(rest), sequence), data]
            places.append(offset)
            offset += _HEADER.size + len(data)
        whole = b"".join(parts)
        if os.pwrite(self.file.fileno(), whole, self.length) != len(whole):
            raise OSError("the disk took a part only")
        written, self.length = offset - self.length, offset
        self.places += places
        return written

    def read(self, sequence):
        offset = self.places[sequence - self.first]
        header = os.pread(self.file.fileno(), _HEADER.size, offset)
        if len(header) < _HEADER.size:
            return None
        length, crc, found = _HEADER.unpack(header)
        if found != sequence or length > self.length:
            return None
        data = os.pread(self.file.fileno(), length, offset + _HEADER.size)
        return data if len(data) == length and zlib.crc32(header[8:] + data) == crc else None

    def delete(self):
        self.file.close()
        os.unlink(self.path)


def _lock(folder):
    guard = open(os.path.join(folder, _LOCK), "wb")
    if fcntl is not None:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return guard


def _clear(root):
    """What processes left that were killed: folders whose lock nobody holds."""
    if fcntl is None:
        return
    for name in os.listdir(root):
        path = os.path.join(root, name, _LOCK)
        try:
            with open(path, "rb") as guard:
                fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(os.path.join(root, name), ignore_errors=True)
        except OSError:
            continue  # held by a living process, just being made, or not ours
