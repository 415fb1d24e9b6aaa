import os
import socket
import tempfile
import threading
import time
import unittest
from array import array

from trainmon._enums import EndReason, Statistic
from trainmon._relay.frames import FrameReader, encode
from trainmon._relay.transport import RelayTransport
from trainmon._report import StepReport
from trainmon._say import Speaker
from trainmon._sender import Sender
from trainmon._settings import Settings


class Relay:
    """The other side, played by the test, for so many connections."""

    def __init__(self, folder, answers, connections=1):
        self.path = os.path.join(folder, "relay")
        self.frames = []
        self.connections = []  # the frames of each
        self._answers = answers
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen(1)
        self._thread = threading.Thread(target=self._run, args=(connections,), daemon=True)
        self._thread.start()

    def _run(self, connections):
        threads = []
        for _ in range(connections):
            self.connections.append([])
            threads.append(threading.Thread(target=self._serve, args=(self._listener.accept()[0], self.connections[-1]), daemon=True))
            threads[-1].start()
        for thread in threads:
            thread.join()

    def _serve(self, connection, frames):
        reader = FrameReader()
        with connection:
            while True:
                data = connection.recv(65536)
                if not data:
                    return
                for frame in reader.feed(data):
                    self.frames.append(frame)
                    frames.append(frame)
                    for answer in self._answers(frame[0]):
                        connection.sendall(encode(answer))

    def join(self):
        self._thread.join(10)
        self._listener.close()


class RelayTransportTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.said = []
        self.settings = Settings(run_id="r", say=self.said.append).filled({})

    def start(self, relay, secret="word"):
        return Sender(self.settings.identity(), RelayTransport(relay.path, secret), self.settings, Speaker(self.said.append))

    def test_all_arrives_in_order_and_the_alert_comes_back(self):
        alert = {"id": "r/loss_spike", "ordinal": 1, "rule": "loss_spike", "state": "ALERT_STATE_FIRING"}
        answers = {"hello": [{"type": "welcome", "relay_version": 1, "page": "http://x"}], "goodbye": [{"type": "alert", "alert": alert}, {"type": "delivered"}]}
        relay = Relay(self.folder.name, lambda header: answers.get(header["type"], []))
        sender = self.start(relay)
        heard = []
        sender.add_handler(heard.append)
        for step in range(100):
            sender.report(StepReport(step, columns={Statistic.GRAD_SQ: array("d", [step])}))
        sender.finish(EndReason.FINISHED)
        relay.join()
        self.assertEqual([header["type"] for header, _ in relay.frames], ["hello"] + ["step"] * 100 + ["goodbye"])
        self.assertEqual([header["report"]["step"] for header, _ in relay.frames[1:-1]], list(range(100)))
        self.assertEqual(sender.page, "http://x")
        sender._callbacks._thread.join(10)
        self.assertEqual([a.rule for a in heard], ["loss_spike"])
        self.assertEqual(self.said, [])

    def test_a_relay_that_says_off_turns_the_monitor_off_and_says_why(self):
        relay = Relay(self.folder.name, lambda header: [{"type": "off", "reason": "wrong secret"}] if header["type"] == "hello" else [])
        sender = self.start(relay)
        sender.report(StepReport(0))
        sender._thread.join(10)
        self.assertFalse(sender.on)
        self.assertEqual(self.said, ["wrong secret; the monitor is off, training goes on"])

    def test_no_relay_turns_the_monitor_off(self):
        settings = self.settings
        sender = Sender(settings.identity(), RelayTransport(os.path.join(self.folder.name, "none"), ""), settings, Speaker(self.said.append))
        sender._thread.join(10)
        self.assertFalse(sender.on)
        self.assertEqual(len(self.said), 1)

    def test_a_relay_that_takes_nothing_thins_and_does_not_hold_up(self):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(listener.close)
        path = os.path.join(self.folder.name, "deaf")
        listener.bind(path)
        listener.listen(1)
        settings = Settings(run_id="r", exit_timeout=0.3, say=self.said.append).filled({})
        sender = Sender(settings.identity(), RelayTransport(path, ""), settings, Speaker(self.said.append))
        column = array("d", [0.0] * 20000)
        deadline, step = time.monotonic() + 20, 0
        while sender.thinning == 1 and time.monotonic() < deadline:
            sender.report(StepReport(step, columns={Statistic.OWN: column}))
            step += 1
        self.assertGreater(sender.thinning, 1)
        for more in range(step, step + 200):
            sender.report(StepReport(more, columns={Statistic.OWN: column}))
        self.assertGreater(sender.steps_thinned, 50)
        sender.finish(EndReason.FINISHED)
        self.assertFalse(sender.on)


if __name__ == "__main__":
    unittest.main()
