"""Frames on disk: append-only files in a folder of one process, each record with its length, a CRC-32, and its sequence, beside the Hello of the process and a lock; as the .NET client writes them, so that
either delivers what the other left. A file goes when all its frames are durable at the server. What a process could not deliver stays for the next one of its run."""

import os
import shutil
import struct
import zlib

try:
    import fcntl
except ImportError:  # no such locks: what others left is left alone
    fcntl = None

_HEADER = struct.Struct("<IIQ")  # length of the frame, CRC-32 of what follows this field, sequence
_SEGMENT_BYTES = 4 << 20
_LONGEST_FRAME = 64 << 20
_HELLO, _LOCK = "hello", "lock"


class SpillStore:
    """Not safe between threads. OSError where the disk refuses."""

    def __init__(self, folder, guard, segments, segment_bytes=_SEGMENT_BYTES):
        self.folder, self._guard, self._segments, self._segment_bytes = folder, guard, segments, segment_bytes
        self._made = len(segments)
        self.bytes = sum(segment.length for segment in segments)
        self.damaged = False  # records at the end could not be read; they are left out

    @classmethod
    def create(cls, folder, hello, segment_bytes=_SEGMENT_BYTES):
        """A folder of this process's own. `hello`: bytes of its Hello message."""
        os.makedirs(folder, mode=0o700)
        store = cls(folder, _lock(folder), [], segment_bytes)
        store.keep(hello)
        return store

    @classmethod
    def open(cls, folder):
        """What another process left; None while one holds it. ValueError: it is no spill, or its Hello is damaged."""
        if fcntl is None or not os.path.exists(os.path.join(folder, _HELLO)):
            raise ValueError("no spill" if fcntl is not None else "it cannot be told whether a process still writes there")
        try:
            guard = _lock(folder)
        except OSError:
            return None
        try:
            with open(os.path.join(folder, _HELLO), "rb") as file:
                content = file.read()
            if len(content) < 4 or struct.unpack_from("<I", content)[0] != zlib.crc32(content[4:]):
                raise ValueError("its hello is damaged")
            segments, damaged = [], False
            for name in sorted(name for name in os.listdir(folder) if name.endswith(".spill")):
                segment = _Segment.scan(os.path.join(folder, name))
                if segment.places and (not segments or segment.first == segments[-1].last + 1):
                    segments.append(segment)
                    damaged = segment.damaged
                else:
                    segment.file.close()
                    damaged = True
                if damaged:
                    break
            store = cls(folder, guard, segments)
            store.hello, store.damaged = content[4:], damaged
            return store
        except BaseException:
            guard.close()
            raise

    @property
    def first(self):
        """Sequence of the oldest frame; 0 while empty."""
        return self._segments[0].first if self._segments else 0

    @property
    def last(self):
        """Sequence of the newest frame; 0 while empty."""
        return self._segments[-1].last if self._segments else 0

    def keep(self, hello):
        """The Hello that the frames kept are sent with."""
        path = os.path.join(self.folder, _HELLO)
        with open(path + ".new", "wb") as file:
            file.write(struct.pack("<I", zlib.crc32(hello)) + hello)
        os.replace(path + ".new", path)
        self.hello = hello

    def append(self, frames):
        """(sequence, bytes) that follow what is here. One write; where it fails nothing was appended."""
        if not self._segments or self._segments[-1].length >= self._segment_bytes:
            self._made += 1
            path = os.path.join(self.folder, f"{self._made:06d}.spill")
            self._segments.append(_Segment(open(path, "x+b", buffering=0), path, frames[0][0]))
        self.bytes += self._segments[-1].append(frames)

    def read(self, sequence):
        """A frame's bytes, or None where it is not there whole."""
        for segment in self._segments:
            if segment.first <= sequence <= segment.last:
                return segment.read(sequence)
        return None

    def forget(self, durable):
        """Deletes the files whose frames are all safe at the server."""
        while self._segments and self._segments[0].last <= durable:
            self.bytes -= self._segments[0].length
            self._segments.pop(0).delete()

    def close(self, keep=False):
        """Lets go of the folder; deletes it unless it is to be kept."""
        for segment in self._segments:
            segment.file.close()
        self._segments, self.bytes = [], 0
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)
        self._guard.close()

    def set_aside(self):
        """Out of the way of those who deliver; gives the new place."""
        aside = self.folder + ".refused"
        os.rename(self.folder, aside)
        self.folder = aside
        return aside


class _Segment:
    """One file."""

    def __init__(self, file, path, first):
        self.path, self.first, self.file = path, first, file
        self.length = 0
        self.places = []  # offset of each record
        self.damaged = False

    @classmethod
    def scan(cls, path):
        """A file of an earlier process, up to its first damaged record."""
        segment = cls(open(path, "rb", buffering=0), path, 0)
        size = os.fstat(segment.file.fileno()).st_size
        while segment.length < size:
            record = segment._record(segment.length)
            if record is None or (segment.places and record[0] != segment.last + 1):
                segment.damaged = True
                break
            segment.first = segment.first or record[0]
            segment.places.append(segment.length)
            segment.length += _HEADER.size + len(record[1])
        return segment

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
        record = self._record(self.places[sequence - self.first])
        return record[1] if record is not None and record[0] == sequence else None

    def delete(self):
        self.file.close()
        os.unlink(self.path)

    def _record(self, offset):
        """(sequence, frame) at a place, or None where it is not whole."""
        header = os.pread(self.file.fileno(), _HEADER.size, offset)
        if len(header) < _HEADER.size:
            return None
        length, crc, sequence = _HEADER.unpack(header)
        if length > _LONGEST_FRAME:
            return None
        data = os.pread(self.file.fileno(), length, offset + _HEADER.size)
        return (sequence, data) if len(data) == length and zlib.crc32(header[8:] + data) == crc else None


def _lock(folder):
    guard = open(os.path.join(folder, _LOCK), "wb")
    if fcntl is not None:
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            guard.close()
            raise
    return guard
