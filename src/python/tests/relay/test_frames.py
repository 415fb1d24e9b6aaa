import unittest

from trainmon._relay.frames import FrameError, FrameReader, encode


class FrameTests(unittest.TestCase):
    def test_the_bytes_of_the_document(self):
        self.assertEqual(encode({"type": "thinning", "factor": 2}), b'\x1e\0\0\0\0\0\0\0{"type":"thinning","factor":2}')

    def test_frames_are_found_however_the_bytes_come(self):
        frames = [({"type": "a", "text": "ü"}, b"\x01\x02"), ({"type": "b"}, b""), ({"type": "c"}, b"x" * 1000)]
        data = b"".join(encode(header, body) for header, body in frames)
        for size in (1, 3, 7, len(data)):
            reader = FrameReader()
            found = [frame for at in range(0, len(data), size) for frame in reader.feed(data[at : at + size])]
            self.assertEqual(found, frames)

    def test_lengths_beyond_the_limits_are_refused(self):
        with self.assertRaisesRegex(FrameError, "at most"):
            list(FrameReader().feed(b"\xff\xff\xff\xff\0\0\0\0"))

    def test_a_header_that_is_no_json_or_has_no_type_is_refused(self):
        for text in (b"{", b"[]", b"{}", b'{"type":1}', b"\xff"):
            with self.assertRaises(FrameError):
                list(FrameReader().feed(len(text).to_bytes(4, "little") + bytes(4) + text))

    def test_numbers_that_json_does_not_have_are_refused(self):
        with self.assertRaises(ValueError):
            encode({"type": "a", "value": float("nan")})


if __name__ == "__main__":
    unittest.main()
