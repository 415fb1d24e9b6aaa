"""The spill of the gRPC transport: order, damage, files of the dead, a disk that refuses."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from trainmon._grpc import places
from trainmon._grpc.backlog import Backlog
from trainmon._grpc.spill import SpillStore
from trainmon._report import Identity, LayerTable
from trainmon._say import Speaker

ROOT = Path(__file__).resolve().parents[2]


class SpillTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name
        self.said = []

    def backlog(self, memory=100, segment=300):
        backlog = Backlog(memory, lambda: SpillStore.create(self.folder, b"hello", segment), Speaker(self.said.append))
        self.addCleanup(backlog.close)
        return backlog

    @property
    def folder(self):
        return os.path.join(self.root, "run", "1-r0")

    def test_frames_come_back_in_order_from_disk_and_memory(self):
        backlog = self.backlog()
        frames = [os.urandom(7 + k % 40) for k in range(200)]
        for frame in frames:
            backlog.append(frame)
        self.assertGreater(len(list(Path(self.root).rglob("*.spill"))), 5)
        self.assertEqual([backlog.get(k + 1) for k in range(200)], frames)
        self.assertIsNone(backlog.get(201))
        for durable in (1, 57, 120, 199):
            backlog.forget(durable)
            self.assertEqual(backlog.oldest, durable + 1)
            self.assertEqual([backlog.get(k + 1) for k in range(durable, 200)], frames[durable:])
        self.assertLess(len(list(Path(self.root).rglob("*.spill"))), 3)
        more = [os.urandom(30) for _ in range(20)]
        for frame in more:
            backlog.append(frame)
        self.assertEqual([backlog.get(k) for k in range(200, 221)], [frames[-1], *more])
        backlog.finish()
        backlog.forget(220)
        self.assertTrue(backlog.delivered)
        self.assertEqual(len(backlog), 0)
        backlog.close()
        self.assertFalse(os.path.exists(self.folder))
        self.assertEqual(self.said, [])

    def test_what_a_server_without_the_frames_must_be_told_is_kept(self):
        backlog = self.backlog()
        backlog.append(b"table", LayerTable([], [], 1))
        for _ in range(50):
            backlog.append(b"x" * 20)
        self.assertIsNone(backlog.table)
        backlog.forget(10)
        self.assertEqual(backlog.table.version, 1)

    def test_a_damaged_record_is_given_up_and_said(self):
        backlog = self.backlog(segment=1 << 20)
        for k in range(20):
            backlog.append(bytes([k]) * 30)
        file = next(Path(self.root).rglob("*.spill"))
        content = bytearray(file.read_bytes())
        content[16 + 2] ^= 1  # a bit of the first frame
        file.write_bytes(content)
        self.assertIsNone(backlog.get(1))
        self.assertEqual(backlog.oldest, 2)
        self.assertEqual(backlog.get(2), bytes([1]) * 30)
        self.assertEqual(len(self.said), 1)

    def test_a_disk_that_refuses_leaves_memory(self):
        def refuse():
            raise OSError("no space left")

        backlog = Backlog(100, refuse, Speaker(self.said.append))
        for k in range(20):
            backlog.append(bytes([k]) * 30)
        self.assertFalse(backlog.can_spill)
        self.assertEqual(backlog.get(1), bytes([0]) * 30)
        self.assertEqual(len(self.said), 1)
        self.assertIn("limited to memory", self.said[0])

    def test_what_is_left_is_opened_by_the_next_and_what_a_living_process_has_is_not(self):
        program = f"from trainmon._grpc.spill import SpillStore; s = SpillStore.create({self.folder!r}, b'who'); s.append([(3, b'x'), (4, b'y')]); print(flush=True); input()"
        process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        process.stdout.readline()
        self.assertIsNone(SpillStore.open(self.folder))
        process.kill()
        process.communicate()
        store = SpillStore.open(self.folder)
        self.assertEqual((store.hello, store.first, store.last, store.damaged, store.read(3), store.read(4), store.read(5)), (b"who", 3, 4, False, b"x", b"y", None))
        store.close(keep=True)
        store = SpillStore.open(self.folder)
        store.forget(4)
        self.assertEqual((store.first, store.bytes), (0, 0))
        store.close()
        self.assertFalse(os.path.exists(self.folder))

    def test_what_ends_in_damage_is_read_up_to_there(self):
        store = SpillStore.create(self.folder, b"who", 60)
        for k in range(1, 9):
            store.append([(k, bytes([k]) * 30)])
        store.close(keep=True)
        files = sorted(Path(self.folder).glob("*.spill"))
        self.assertEqual(len(files), 4)
        files[2].write_bytes(files[2].read_bytes()[:-1])  # the second record of the third file
        store = SpillStore.open(self.folder)
        self.assertEqual((store.first, store.last, store.damaged), (1, 5, True))
        self.assertEqual([store.read(k) for k in range(1, 6)], [bytes([k]) * 30 for k in range(1, 6)])
        store.close(keep=True)
        files[0].write_bytes(b"")
        store = SpillStore.open(self.folder)
        self.assertEqual((store.first, store.last, store.damaged), (0, 0, True))
        store.close(keep=True)
        hello = Path(self.folder) / "hello"
        hello.write_bytes(hello.read_bytes()[:-1])
        with self.assertRaisesRegex(ValueError, "hello is damaged"):
            SpillStore.open(self.folder)

    def test_memory_follows_at_the_end_what_is_on_disk(self):
        backlog = self.backlog()
        for k in range(10):
            backlog.append(bytes([k]) * 30)
        backlog.append(b"last")
        backlog.forget(2)
        self.assertEqual(backlog.close(keep=True), self.folder)
        self.assertIsNone(backlog.close())
        store = SpillStore.open(self.folder)
        self.assertEqual((store.last, store.read(3), store.read(11)), (11, bytes([2]) * 30, b"last"))
        store.close()

    def test_a_delivered_backlog_leaves_nothing(self):
        backlog = self.backlog()
        for k in range(10):
            backlog.append(bytes([k]) * 30)
        backlog.forget(10)
        self.assertIsNone(backlog.close(keep=True))
        self.assertFalse(os.path.exists(self.folder))

    def test_the_hello_says_what_frames_that_are_gone_have_said(self):
        backlog = Backlog(10, lambda: SpillStore.create(self.folder, b"", 40), None, lambda oldest, newest, now, table, description: Said(oldest, newest, table and table.version))
        backlog.append(b"table", LayerTable([], [], 7))
        for k in range(5):
            backlog.append(bytes([k]) * 30)
        backlog.forget(1)
        self.assertEqual((Path(self.folder) / "hello").read_bytes()[4:], b"2 6 7")
        backlog.close()


class Said:
    """In place of a Hello."""

    def __init__(self, *values):
        self._values = values

    def SerializeToString(self):
        return " ".join(str(value) for value in self._values).encode()


class PlaceTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name

    def identity(self, run="r", rank=0, world=1, stamp=5, start="abcdefabcdefabcdef"):
        return Identity(run, "p", "n", start, rank, world, None, "c", "h", 1, stamp)

    def leave(self, size=10, **who):
        path = places.own(self.root, self.identity(**who))
        store = SpillStore.create(path, b"hello")
        store.append([(1, b"x" * size)])
        store.close(keep=True)
        return path

    def test_a_process_takes_what_earlier_ones_of_its_run_and_rank_left_oldest_first(self):
        late, early, other, second, gone = self.leave(stamp=9), self.leave(stamp=2), self.leave(run="other"), self.leave(rank=1), self.leave(rank=5)
        self.assertEqual(places.left_behind(self.root, self.identity(world=2, stamp=20)), sorted([early, late, gone]))
        self.assertEqual(places.left_behind(self.root, self.identity(rank=1, world=2, stamp=20)), [second])
        self.assertEqual(set(places.every(self.root)), {late, early, other, second, gone})
        self.assertEqual(places.every(early), [early])
        self.assertEqual(set(places.every(os.path.dirname(early))), {late, early, second, gone})
        self.assertEqual(os.path.basename(early), "0000000000000000002-abcdefabcdef-r0")  # as the .NET client names it

    def test_the_oldest_go_where_there_is_too_much(self):
        paths = [self.leave(1000, stamp=stamp, run=f"run {stamp}") for stamp in (3, 1, 2)]
        held = SpillStore.open(paths[1])
        self.assertEqual(places.clear_old(self.root, 10_000), 0)
        self.assertEqual(places.clear_old(self.root, 2500), 1)
        self.assertEqual([os.path.exists(path) for path in paths], [True, True, False])
        held.close(keep=True)


if __name__ == "__main__":
    unittest.main()
