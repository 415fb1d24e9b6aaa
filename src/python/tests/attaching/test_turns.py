"""Which optimizers step together, from the order of steps and backward passes alone."""

import unittest

from trainmon._attach.turns import Turns


class TurnsTests(unittest.TestCase):
    def setUp(self):
        self.turns = Turns()
        self.first, self.second = object(), object()

    def play(self, order):
        """b: a backward pass; 1, 2: steps. What is whole after the last step."""
        for sign in order:
            if sign == "b":
                self.turns.backward()
            else:
                last = self.first if sign == "1" else self.second
                self.turns.stepped(last)
        whole = self.turns.whole(last)
        return whole and "".join("1" if key == id(self.first) else "2" for key in whole)

    def test_a_round_is_whole_with_its_last_step(self):
        self.assertIsNone(self.play("b12b1"))
        self.assertEqual(self.play("2"), "12")

    def test_a_backward_pass_in_between_parts_them(self):
        self.assertEqual(self.play("b1b2b1"), "1")

    def test_what_was_seen_in_part_is_not_whole(self):
        self.assertIsNone(self.play("2b12"))
        self.assertEqual(self.play("b12"), "12")

    def test_one_that_steps_every_second_time_is_left_out(self):
        self.assertEqual(self.play("b1b12b1b1"), "1")

    def test_without_backward_passes_each_is_alone(self):
        self.assertEqual(self.play("1212"), "2")
        self.assertEqual(self.play("1"), "1")

    def test_steps_are_counted(self):
        self.play("b12b1")
        self.assertEqual((self.turns.steps(self.first), self.turns.steps(self.second)), (2, 1))


if __name__ == "__main__":
    unittest.main()
