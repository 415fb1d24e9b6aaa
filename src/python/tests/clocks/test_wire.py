"""Both transports say the same of the clocks, in the contract's names."""

import struct
import unittest

from google.protobuf import json_format

from trainmon._grpc import encoding
from trainmon._relay import messages
from trainmon._relay.frames import FrameReader
from trainmon._report import CanarySums, SentinelSums, StepReport
from trainmon.v1 import ingest_pb2, statistics_pb2


class WireTests(unittest.TestCase):
    def test_a_relay_frame_and_a_grpc_frame_hold_the_same_sums(self):
        report = StepReport(7, 5, 1, canaries=CanarySums(3, 16, 2, struct.pack("<3I", 1, 2, 3), 1.5, -0.5, 2.0, float("nan"), 40, 3.5, 50, 60.0), sentinels=SentinelSums(9, 1.0, 2.0, 3, 4.0, 5.0, 6, 5, 8, -1.0, 2.5))
        (header, _), = FrameReader().feed(messages.message(report))
        relayed = json_format.ParseDict(header["report"], statistics_pb2.StepReport())
        sent = ingest_pb2.TrainerFrame.FromString(encoding.encode(1, [report])).steps.reports[0]
        self.assertEqual(str(relayed), str(sent))
        self.assertEqual([getattr(sent.canaries, name) for name in ("choices", "canaries", "pass", "others", "train_count", "train_sum_loss")], [3, 16, 2, 40, 50, 60.0])
        self.assertEqual(sent.canaries.rank_counts, struct.pack("<3I", 1, 2, 3))
        self.assertEqual((sent.sentinels.fresh_count, sent.sentinels.unseen_epochs, sent.sentinels.reference_step, sent.sentinels.sum_rise), (9, 6, 5, -1.0))


if __name__ == "__main__":
    unittest.main()
