"""What this client makes is what tests/parity/clocks.json says; the TorchSharp client is held to the same file."""

import json
import unittest

from . import parity


class ParityTests(unittest.TestCase):
    def test_the_file_is_what_this_client_makes(self):
        self.near(json.loads(parity.FILE.read_text(encoding="utf-8")), parity.make(), "file")

    def near(self, old, new, where):
        if isinstance(old, dict):
            self.assertEqual(sorted(old), sorted(new), where)
            for name in old:
                self.near(old[name], new[name], f"{where}.{name}")
        elif isinstance(old, list):
            self.assertEqual(len(old), len(new), where)
            for k, (a, b) in enumerate(zip(old, new)):
                self.near(a, b, f"{where}[{k}]")
        elif isinstance(old, float):
            self.assertAlmostEqual(old, new, delta=1e-5 * max(abs(old), 1.0), msg=where)
        else:
            self.assertEqual(old, new, where)


if __name__ == "__main__":
    unittest.main()
