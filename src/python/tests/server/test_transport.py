"""The client against a real server: absent, late, killed and back, rejecting; and the whole way to the alert."""

import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

import trainmon
from tests.watching import oracle
from trainmon._grpc import places
from trainmon._grpc.spill import SpillStore

from .process import PROGRAM, Server, free_port

ROOT = Path(__file__).resolve().parents[2]


def train(steps, between=lambda step: None, paced=False, **options):
    """`paced`: waits for the sender, since a loop faster than any training would have steps left out where the machine is busy."""
    model = oracle.network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    said = []
    monitor = trainmon.watch(model, optimizer, dataset_size=100, batch_size=10, sampling="shuffled", pair_interval=1, exact_interval=1, say=said.append, **options)
    for step in range(steps):
        x, y = oracle.batch(seed=step)
        optimizer.zero_grad()
        loss = cross_entropy(model(x), y)
        loss.backward()
        monitor.log(loss=loss, indices=range(10 * (step % 10), 10 * (step % 10) + 10), learned=step / 2)
        optimizer.step()
        between(step)
        while paced and monitor._sender._intake.bytes > 8 << 10:
            time.sleep(0.01)
    return monitor, said, optimizer


class AbsentTests(unittest.TestCase):
    def test_a_server_that_is_not_there_costs_a_sentence_and_three_seconds_at_the_end(self):
        monitor, said, _ = train(50, server=f"http://127.0.0.1:{free_port()}")
        begin = time.monotonic()
        monitor.finish()
        self.assertLess(time.monotonic() - begin, 4)
        self.assertEqual(len([text for text in said if "no monitor at" in text]), 1)
        self.assertEqual(len([text for text in said if "could not be delivered" in text]), 1)

    def test_full_buffers_thin_and_training_goes_on(self):
        monitor, said, _ = train(400, server=f"http://127.0.0.1:{free_port()}", memory_bytes=64 << 10, spill_bytes=0, exit_timeout=0.1)
        self.assertTrue(any("buffers are full" in text for text in said), said)
        monitor.finish()

    def test_a_long_outage_goes_to_disk_and_what_is_left_stays_there(self):
        with tempfile.TemporaryDirectory() as folder:
            options = {"server": f"http://127.0.0.1:{free_port()}", "memory_bytes": 64 << 10, "spill_folder": folder, "exit_timeout": 0.3}
            monitor, said, _ = train(400, paced=True, **options)
            transport = monitor._sender._transport
            Server.until(lambda: len(transport._backlog) >= 400, "the sender is slow")
            files = [path for path in Path(folder).rglob("*.spill")]
            self.assertGreater(sum(path.stat().st_size for path in files), 64 << 10)
            self.assertEqual(monitor._sender.steps_thinned, 0)
            begin = time.monotonic()
            monitor.finish()
            self.assertLess(time.monotonic() - begin, 3)
            (left,) = places.every(folder)
            store = SpillStore.open(left)
            self.assertEqual((store.first, store.last), (1, transport._backlog.newest))
            store.close()
            self.assertFalse(any("buffers are full" in text for text in said), said)
            self.assertIn(left, said[-1])

    def test_a_spill_has_a_limit_and_beyond_it_whole_pairs_are_left_out(self):
        with tempfile.TemporaryDirectory() as folder:
            monitor, said, _ = train(1500, server=f"http://127.0.0.1:{free_port()}", memory_bytes=64 << 10, spill_folder=folder, spill_bytes=64 << 10, exit_timeout=0.3)
            time.sleep(0.2)
            self.assertLess(sum(path.stat().st_size for path in Path(folder).rglob("*.spill")), 140 << 10)
            self.assertTrue(any("buffers are full" in text for text in said), said)
            monitor.finish()

    def test_a_forked_child_sends_nothing_and_ends(self):
        monitor, _, optimizer = train(5, server=f"http://127.0.0.1:{free_port()}", exit_timeout=0.1)
        child = os.fork()
        if child == 0:
            optimizer.step()
            os._exit(0 if not monitor.is_on else 1)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        self.assertTrue(monitor.is_on)
        monitor.finish()


@unittest.skipUnless(PROGRAM, "needs TRAINMON_CLI")
class ServerTests(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        os.environ["TRAINMON_DATA"] = self.server.data  # where the token is
        self.addCleanup(os.environ.pop, "TRAINMON_DATA")

    def test_a_run_arrives_whole_with_the_token_of_this_machine(self):
        self.server.start()
        monitor, said, _ = train(120, server=self.server.address, run_id="whole", project="tests", tags={"lr": "0.01"})
        monitor.finish()
        self.assertEqual(said, [])
        self.assertIn("/runs/whole", monitor.page)
        run = self.server.run("whole")
        self.assertEqual((run["summary"]["state"], run["summary"]["project"]), ("RUN_STATE_FINISHED", "tests"))
        self.assertEqual(self.server.steps("whole"), 120)
        self.assertEqual(run["description"]["tags"], {"lr": "0.01"})
        self.assertIn("loo_ratio", run["estimates"])
        self.assertIn("memorized_nats", run["estimates"])

    def test_layers_that_are_unfrozen_on_the_way_are_layers_of_the_run(self):
        self.server.start()
        model = oracle.network()
        for p in model[0].parameters():
            p.requires_grad_(False)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        monitor = trainmon.watch(model, optimizer, dataset_size=100, batch_size=20, pair_interval=1, exact_interval=1, run_id="unfrozen", server=self.server.address)
        layers = []
        for step in range(120):
            if step == 60:
                self.server.until(lambda: self.server.steps("unfrozen") >= 59, "it does not arrive")
                layers.append([layer["name"] for layer in self.server.run("unfrozen")["layers"]])
                for p in model[0].parameters():
                    p.requires_grad_(True)
            x, y = oracle.batch(seed=step)
            optimizer.zero_grad()
            loss = cross_entropy(model(x), y)
            loss.backward()
            monitor.log(loss=loss, indices=range(20 * (step % 5), 20 * (step % 5) + 20))
            optimizer.step()
        monitor.finish()
        run = self.server.run("unfrozen")
        layers.append([layer["name"] for layer in run["layers"]])
        self.assertEqual(layers, [["2"], ["0", "2"]])
        self.assertEqual((self.server.steps("unfrozen"), run["summary"]["attempt"], int(run["description"]["parameters"])), (120, 0, sum(p.numel() for p in model.parameters())))

    def test_nothing_is_lost_or_doubled_when_the_server_is_killed_and_comes_back(self):
        def between(step):
            time.sleep(0.005)
            if step in (100, 250):
                self.server.kill()
            if step in (180, 270):
                self.server.start()

        self.server.start()
        monitor, said, _ = train(400, between, server=self.server.address, run_id="killed", exit_timeout=30)
        monitor.finish()
        self.assertEqual(self.server.steps("killed"), 400)
        counters = self.server.run("killed")["counters"]
        self.assertEqual([int(counters.get(name, 0)) for name in ("frames_lost", "inputs_failed", "steps_thinned")], [0, 0, 0])
        self.assertFalse(any("off" in text for text in said), said)

    def test_an_outage_longer_than_memory_loses_nothing(self):
        def between(step):
            time.sleep(0.001)
            if step == 100:
                self.server.kill()
            if step == 900:
                files = list(Path(folder).rglob("*.spill"))
                spilled.append(sum(path.stat().st_size for path in files))
                self.server.start()

        self.server.start()
        spilled = []
        with tempfile.TemporaryDirectory() as folder:
            monitor, said, _ = train(1000, between, paced=True, server=self.server.address, run_id="spilled", exit_timeout=30, memory_bytes=64 << 10, spill_folder=folder)
            monitor.finish()
            self.assertGreater(spilled[0], 64 << 10)
            self.assertEqual(list(Path(folder).rglob("*")), [])
        self.assertEqual(self.server.steps("spilled"), 1000)
        counters = self.server.run("spilled")["counters"]
        self.assertEqual([int(counters.get(name, 0)) for name in ("frames_lost", "inputs_failed", "steps_thinned")], [0, 0, 0])
        self.assertFalse(any("off" in text for text in said), said)

    def test_a_server_that_starts_later_gets_everything(self):
        monitor, said, _ = train(60, server=self.server.address, run_id="late", exit_timeout=30)
        self.server.start()
        monitor.finish()
        self.assertEqual(self.server.steps("late"), 60)
        self.assertEqual(len(said), 1)

    def test_a_refusal_is_said_once_and_training_goes_on(self):
        self.server.start()
        monitor, said, optimizer = train(1, server=self.server.address, run_id="refused", token="wrong")
        Server.until(lambda: said, "nobody says anything")
        for _ in range(3):
            optimizer.step()
        self.assertEqual(len(said), 1)
        self.assertRegex(said[0], "UNAUTHENTICATED|PERMISSION_DENIED")
        monitor.finish()

    def test_a_plain_script_with_wrong_labels_raises_memorization_onset(self):
        self.server.start()
        script = [sys.executable, str(ROOT / "examples" / "digits.py"), "--server", self.server.address]
        environment = dict(os.environ, PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1")
        told = subprocess.run([*script, "--run-id", "noise"], env=environment, check=True, capture_output=True, text=True, timeout=300)
        rules = [alert["rule"] for alert in self.server.alerts("noise")]
        self.assertIn("memorization_onset", rules, told.stderr)
        self.assertIn("memorization_onset firing", told.stdout, "the trainer hears of it")
        subprocess.run([*script, "--run-id", "clean", "--noise", "0", "--steps", "200"], env=environment, check=True, timeout=300)
        self.assertNotIn("memorization_onset", [alert["rule"] for alert in self.server.alerts("clean")])


if __name__ == "__main__":
    unittest.main()
