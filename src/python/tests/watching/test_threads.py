"""Sums on one thread leave the number of threads as it was, for this thread and for those that begin meanwhile."""

import threading
import unittest

import torch

from trainmon._torch import threads


class ThreadsTests(unittest.TestCase):
    def setUp(self):
        self.addCleanup(torch.set_num_threads, torch.get_num_threads())

    def test_two_threads_are_one_meanwhile(self):
        torch.set_num_threads(2)
        with threads.alone():
            self.assertEqual(torch.get_num_threads(), 1)
            torch.ones(1 << 17).sum()
        self.assertEqual(torch.get_num_threads(), 2)

    def test_an_error_gives_them_back(self):
        torch.set_num_threads(2)
        with self.assertRaises(ZeroDivisionError), threads.alone():
            1 / 0
        self.assertEqual(torch.get_num_threads(), 2)

    def test_a_thread_that_begins_meanwhile_has_two(self):
        torch.set_num_threads(2)
        seen = []

        def other():
            torch.ones(1 << 17).sum()
            seen.append(torch.get_num_threads())

        with threads.alone():
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
        self.assertEqual(seen, [2])

    def test_other_numbers_stay(self):
        for count in (1, 3):
            torch.set_num_threads(count)
            with threads.alone():
                self.assertEqual(torch.get_num_threads(), count)


if __name__ == "__main__":
    unittest.main()
