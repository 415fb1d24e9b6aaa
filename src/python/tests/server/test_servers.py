"""Several nodes of a cluster: which is spoken to, and when another."""

import os
import unittest

from trainmon._grpc.servers import Servers
from trainmon._grpc.session import SessionEnd
from trainmon._settings import Settings

from .process import Server, free_port
from .test_transport import train


def settings(server="http://127.0.0.1:1, http://127.0.0.1:2,127.0.0.1:3", run_id="r", **more):
    return Settings(server=server, run_id=run_id, **more).filled({})


class ServersTests(unittest.TestCase):
    def test_one_address_names_one_server_and_several_name_all(self):
        self.assertEqual((settings("http://a:1").server, settings("http://a:1").other_servers), ("http://a:1", ()))
        self.assertEqual((settings().server, settings().other_servers), ("http://127.0.0.1:1", ("http://127.0.0.1:2", "http://127.0.0.1:3")))
        with self.assertRaises(ValueError):
            settings("http://a:1,ftp://b")

    def test_runs_begin_at_different_nodes_and_the_ranks_of_one_at_the_same(self):
        first = {run: Servers(settings(run_id=run)).current for run in (f"run-{i}" for i in range(40))}
        self.assertEqual(len(set(first.values())), 3)
        self.assertEqual(Servers(settings(run_id="run-7", rank=1, world_size=2)).current, first["run-7"])

    def test_each_that_fails_is_left_for_the_next_and_all_have_their_turn(self):
        servers = Servers(settings())
        seen = [servers.current]
        for _ in range(3):
            servers.after(SessionEnd("gone"))
            seen.append(servers.current)
        self.assertEqual(len(set(seen[:3])), 3)
        self.assertEqual(seen[3], seen[0])

    def test_the_node_that_a_server_recommends_is_next_unless_a_token_is_less_safe_there(self):
        servers = Servers(settings("https://a:1", token="secret-of-mine"))
        servers.after(SessionEnd("elsewhere", reconnect_to="https://b:1"))
        self.assertEqual(servers.current, "https://b:1")
        servers.after(SessionEnd("elsewhere", reconnect_to="http://b:1"))
        self.assertEqual(servers.current, "https://a:1")

    def test_every_address_is_looked_at_before_a_token_goes_out(self):
        self.assertIn("http://b:1", settings("https://a:1,http://b:1", token="secret-of-mine").problem())

    def test_a_run_arrives_though_one_of_its_servers_does_not_answer(self):
        server = Server()
        self.addCleanup(server.close)
        os.environ["TRAINMON_DATA"] = server.data  # where the token is
        self.addCleanup(os.environ.pop, "TRAINMON_DATA")
        server.start()
        for run in ("first", "second", "third"):  # some of them begin at the one that is not there
            monitor, said, _ = train(20, server=f"http://127.0.0.1:{free_port()},{server.address}", run_id=run)
            monitor.finish()
            self.assertEqual([text for text in said if "could not be delivered" in text], [])
            self.assertEqual(server.state(run), "finished")


if __name__ == "__main__":
    unittest.main()
