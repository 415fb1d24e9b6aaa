"""The device of the readout's tests catches what it is there to catch."""

import unittest

import torch

from trainmon._torch import chunks

from .fake_device import FakeDevice, Transfer, fake_device


class DeviceTests(unittest.TestCase):
    def test_the_fake_catches_who_reads_within_a_hook(self):
        with fake_device(0) as device:
            torch.ones(1).item()
            with self.assertRaisesRegex(AssertionError, "item waits"), device.inside():
                torch.ones(1).item()
            with self.assertRaisesRegex(AssertionError, "waits"), device.inside():
                float(torch.ones(1))
        with self.assertRaisesRegex(AssertionError, "before it was ready"):
            Transfer(FakeDevice(1), [], 1).values()
        self.assertTrue(chunks.fits(torch.ones(1)))


if __name__ == "__main__":
    unittest.main()
