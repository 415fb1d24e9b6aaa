"""What a server's limits mean to the client: it waits as long as it is told, and loses nothing."""

import os
import unittest

from google.protobuf import any_pb2, duration_pb2

from trainmon._grpc.details import retry_delay

from .process import PROGRAM, Server
from .test_transport import train


def status(delay, kind="RetryInfo"):
    """google.rpc.Status with one detail, as on the wire."""
    info = b"\x0a" + bytes([len(delay)]) + delay
    detail = any_pb2.Any(type_url=f"type.googleapis.com/google.rpc.{kind}", value=info).SerializeToString()
    return b"\x08\x08\x12\x03why\x1a" + bytes([len(detail)]) + detail


class RetryInfoTests(unittest.TestCase):
    def test_the_delay_is_read_out_of_the_details(self):
        whole = status(duration_pb2.Duration(seconds=3, nanos=500_000_000).SerializeToString())
        self.assertEqual(retry_delay([("server", "x"), ("grpc-status-details-bin", whole)]), 3.5)
        self.assertEqual(retry_delay([("grpc-status-details-bin", status(b""))]), 0)

    def test_what_is_not_there_or_damaged_is_no_delay(self):
        whole = status(b"\x08\x03")
        for data in (b"", whole[:-3], b"\xff" * 20, status(b"\x08\x03", "BadRequest")):
            self.assertIsNone(retry_delay([("grpc-status-details-bin", data)]), data)
        self.assertIsNone(retry_delay(None))


@unittest.skipUnless(PROGRAM, "needs TRAINMON_CLI")
class LimitTests(unittest.TestCase):
    def test_a_trainer_above_its_reports_waits_and_loses_nothing(self):
        os.environ["TRAINMON_REPORTS_PER_SECOND"] = "20"
        self.addCleanup(os.environ.pop, "TRAINMON_REPORTS_PER_SECOND")
        server = Server()
        self.addCleanup(server.close)
        os.environ["TRAINMON_DATA"] = server.data
        self.addCleanup(os.environ.pop, "TRAINMON_DATA")
        server.start()
        monitor, said, _ = train(150, server=server.address, run_id="fast", batch_bytes=1024, exit_timeout=30.0)
        monitor.finish()
        self.assertEqual(server.steps("fast"), 150, said)


if __name__ == "__main__":
    unittest.main()
