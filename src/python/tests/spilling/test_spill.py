"""The spill of the gRPC transport: order, damage, files of the dead, a disk that refuses."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from trainmon._grpc.backlog import Backlog
from trainmon._grpc.spill import SpillStore
from trainmon._report import LayerTable
from trainmon._say import Speaker

ROOT = Path(__file__).resolve().parents[2]


class SpillTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name
        self.said = []

    def backlog(self, memory=100, segment=300):
        backlog = Backlog(memory, lambda: SpillStore(self.root, segment), Speaker(self.said.append))
        self.addCleanup(backlog.close)
        return backlog

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
        self.assertEqual(os.listdir(self.root), [])
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

    def test_what_a_killed_process_left_is_cleared_and_what_a_living_one_has_is_not(self):
        program = f"from trainmon._grpc.spill import SpillStore; s = SpillStore({self.root!r}); s.append([(1, b'x')]); print(s.folder, flush=True); input()"
        process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        folder = process.stdout.readline().strip()
        SpillStore(self.root).close()
        self.assertTrue(os.path.isdir(folder))
        process.kill()
        process.communicate()
        SpillStore(self.root).close()
        self.assertEqual(os.listdir(self.root), [])


if __name__ == "__main__":
    unittest.main()
