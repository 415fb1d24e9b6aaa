"""The committed stubs are those of the wire contract."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@unittest.skipUnless(shutil.which("protoc"), "needs protoc")
class StubTests(unittest.TestCase):
    def test_they_are_what_the_generator_makes(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([str(ROOT / "generate-stubs"), folder], check=True, capture_output=True)
            made = sorted(Path(folder, "trainmon", "v1").glob("*.py"))
            self.assertEqual(len(made), 4)
            for path in made:
                self.assertEqual(path.read_text(), (ROOT / "trainmon" / "v1" / path.name).read_text(), path.name)


if __name__ == "__main__":
    unittest.main()
