"""TLS of a connection: the files are read for each, so that a renewed certificate is used by the next."""

import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import grpc

_PATIENCE = 2.0


def credentials(settings):
    """Channel credentials of the settings. OSError where a file cannot be read."""
    return grpc.ssl_channel_credentials(_read(settings.ca_file), _read(settings.client_key), _read(settings.client_cert))


def explain(settings, reason):
    """Why a connection failed, in words where it is about certificates."""
    fault = _fault(settings, reason)
    if fault is None and settings.client_cert and reason.startswith("UNAVAILABLE") and "onnection refused" not in reason:
        # A server says only by ending the connection that it refuses a certificate: that is how TLS 1.3 is.
        return f"{reason}; perhaps it refuses the client certificate {settings.client_cert}, which its log would say"
    return fault or reason


def _fault(settings, reason):
    """What is wrong with the server's certificate: gRPC's own text does not tell one fault from the other, so it is asked once more without gRPC. None: nothing is."""
    if not any(sign in reason for sign in ("andshake", "Peer name", "CERTIFICATE_VERIFY_FAILED")):
        return None
    address = urlsplit(settings.server)
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
        with socket.create_connection((address.hostname, address.port or 443), _PATIENCE) as plain, context.wrap_socket(plain, server_hostname=address.hostname):
            return None
    except ssl.SSLCertVerificationError as error:
        message = error.verify_message
        if "expired" in message or "not yet valid" in message:
            return f"{message}: renew the certificate of the server, or set the clock"
        if "mismatch" in message:
            return f"{message}: name the server as its certificate does"
        known = f"the CA in {settings.ca_file}" if settings.ca_file else "a CA that this machine trusts (give its CA with TRAINMON_CA_FILE)"
        return f"the certificate of the server does not come from {known}: {message}"
    except OSError:
        return None


def _read(path):
    return None if path is None else Path(path).read_bytes()
