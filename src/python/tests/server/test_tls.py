"""The client over TLS against a real server: with the right CA and a certificate of its own, and what it says otherwise."""

import os
import shutil
import ssl
import subprocess
import tempfile
import unittest

from trainmon._settings import Settings

from .process import PROGRAM, Server
from .test_transport import train


class Authority:
    """A CA and what it signs, made by openssl."""

    def __init__(self, folder, name):
        self.folder, self.file = folder, os.path.join(folder, f"{name}.pem")
        self._key = os.path.join(folder, f"{name}.key")
        self._run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-days", "10", "-keyout", self._key, "-out", self.file)

    def sign(self, name, extensions, *dates):
        key, request, certificate = (os.path.join(self.folder, f"{name}.{end}") for end in ("key", "csr", "pem"))
        self._run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        with open(request + ".ext", "w", encoding="utf-8") as file:
            file.write(extensions + "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")  # Python from 3.13 on asks for them
        self._run("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self._key, "-CAcreateserial", "-days", "5", "-extfile", request + ".ext", "-out", certificate)
        return certificate, key

    @staticmethod
    def _run(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@unittest.skipUnless(PROGRAM, "needs TRAINMON_CLI")
@unittest.skipUnless(shutil.which("openssl"), "needs openssl")
class TlsTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="trainmon-ca-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.ca = Authority(self.folder, "ca")
        self.addCleanup(os.environ.pop, "TRAINMON_DATA", None)

    def serve(self, names="IP:127.0.0.1", *arguments):
        certificate, key = self.ca.sign("server", f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n")
        trust = ssl.create_default_context(cafile=self.ca.file)
        trust.check_hostname = False
        server = Server("--tls-cert", certificate, "--tls-key", key, *arguments, tls=trust)
        self.addCleanup(server.close)
        server.start()
        return server

    def test_a_run_arrives_with_the_ca_and_the_token_file(self):
        server = self.serve()
        os.environ["TRAINMON_DATA"] = server.data
        monitor, said, _ = train(5, server=server.address, run_id="tls", ca_file=self.ca.file, exit_timeout=30)
        monitor.finish()
        self.assertEqual(server.steps("tls"), 5, said)

    def test_a_certificate_is_enough_where_it_has_the_right(self):
        identities = os.path.join(self.folder, "identities.json")
        with open(identities, "w", encoding="utf-8") as file:
            file.write('[{"name": "trainers", "subject": "CN=trainer", "scopes": ["ingest"]}]')
        certificate, key = self.ca.sign("trainer", "extendedKeyUsage=clientAuth\n")
        server = self.serve("IP:127.0.0.1", "--client-ca", self.ca.file, "--client-identities", identities)
        os.environ["TRAINMON_DATA"] = "/nowhere"
        monitor, said, _ = train(5, server=server.address, run_id="mtls", ca_file=self.ca.file, client_cert=certificate, client_key=key, exit_timeout=30)
        monitor.finish()
        self.assertFalse([text for text in said if "refuses" in text], said)
        self.assertEqual(server.steps("mtls"), 5, said)
        monitor, said, _ = train(5, server=server.address, run_id="none", ca_file=self.ca.file, exit_timeout=1.0)
        monitor.finish()
        self.assertTrue(any("UNAUTHENTICATED" in text for text in said), said)
        certificate, key = Authority(self.folder, "elsewhere").sign("foreign", "extendedKeyUsage=clientAuth\n")
        monitor, said, _ = train(5, server=server.address, run_id="foreign", ca_file=self.ca.file, client_cert=certificate, client_key=key, exit_timeout=1.0)
        monitor.finish()
        self.assertTrue(any("perhaps it refuses the client certificate" in text for text in said), said)

    def test_another_ca_and_another_name_are_told_apart(self):
        other = Authority(self.folder, "other")
        server = self.serve()
        _, said, _ = self.fail_with(server, ca_file=other.file)
        self.assertTrue(any("does not come from the CA in" in text for text in said), said)
        server = self.serve("DNS:monitor.lab")
        _, said, _ = self.fail_with(server, ca_file=self.ca.file)
        self.assertTrue(any("name the server as its certificate does" in text for text in said), said)

    def fail_with(self, server, **options):
        outcome = train(5, server=server.address, run_id="refused", token="x" * 20, exit_timeout=2.0, **options)
        outcome[0].finish()
        return outcome


class SettingsTests(unittest.TestCase):
    def test_a_token_crosses_no_network_in_plain_text_unless_it_is_said(self):
        def problem(server, **more):
            return Settings(server=server, token="secret-of-mine", run_id="r", **more).filled({}).problem()

        self.assertIn("plain text", problem("http://10.1.2.3:4650"))
        self.assertNotIn("secret-of-mine", problem("http://10.1.2.3:4650"))
        for server, more in (("https://10.1.2.3:4650", {}), ("http://127.0.0.1:4650", {}), ("http://10.1.2.3:4650", {"allow_plain_token": True})):
            self.assertIsNone(problem(server, **more), server)

    def test_files_that_cannot_be_read_are_named(self):
        self.assertIn("ca_file", Settings(run_id="r", ca_file="/nowhere").filled({}).problem())
        self.assertIn("client_cert and client_key", Settings(run_id="r", client_cert="/nowhere").filled({}).problem())
        self.assertEqual(Settings(run_id="r").filled({"TRAINMON_CA_FILE": "/ca"}).ca_file, "/ca")


if __name__ == "__main__":
    unittest.main()
