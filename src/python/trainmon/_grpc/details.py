"""Reads google.rpc.RetryInfo out of a refusal's details, without the packages that hold those messages."""

_DETAILS = "grpc-status-details-bin"
_RETRY_INFO = b"google.rpc.RetryInfo"


def retry_delay(metadata):
    """Seconds to wait, or None where the refusal does not say."""
    for key, value in metadata or ():
        if key == _DETAILS:
            try:
                return _delay(value)
            except (IndexError, ValueError):
                return None
    return None


def _delay(status):
    for number, detail in _fields(status):
        if number != 3:  # Status.details, each a google.protobuf.Any
            continue
        any_of = dict(_fields(detail))
        if any_of.get(1, b"").endswith(_RETRY_INFO):
            duration = dict(_fields(dict(_fields(any_of.get(2, b""))).get(1, b"")))
            return duration.get(1, 0) + duration.get(2, 0) / 1e9
    return None


def _fields(data):
    """(number, value) of a protobuf message: integers and bytes, which is all there is in these."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        if key & 7 == 0:
            value, at = _varint(data, at)
        elif key & 7 == 2:
            size, at = _varint(data, at)
            if at + size > len(data):
                raise ValueError("cut off")
            value, at = data[at : at + size], at + size
        else:
            raise ValueError("unknown kind of field")
        yield key >> 3, value


def _varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("too long")
