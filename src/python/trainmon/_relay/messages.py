"""From the plain messages to relay frames and back. Message fields are written as proto3 JSON with the contract's own field names, so that the other
side reads them with its protobuf library; the columns of a step follow in the body."""

import base64
import sys
from array import array
from dataclasses import fields, is_dataclass

from .._alerts import Advice, Alert
from .._enums import WireEnum
from .._report import Goodbye, Identity, LayerTable, LogScalars, ProbeResult, RunDescription, StepReport, wire_name
from .frames import VERSION, encode

PROTOCOL_VERSION = 1

# JSON numbers are doubles to many readers; proto3 JSON allows a string for any integer.
_EXACT_INTEGERS = 1 << 53

# Of a step; a layer table's columns are declarations.
_IN_THE_BODY = frozenset({(StepReport, "columns")})


def hello(identity: Identity, secret: str):
    """The first frame."""
    return encode({"type": "hello", "relay_version": VERSION, "secret": secret, "hello": dict(to_json(identity), protocol_version=PROTOCOL_VERSION)})


def message(item):
    """The frame of any later message."""
    if isinstance(item, StepReport):
        return _step(item)
    if isinstance(item, LogScalars):
        header = {"step": item.step, "time_unix_ns": _value(item.time_unix_ns)}
        header["scalars"] = [{"name": name, "value": _value(float(value))} for name, value in item.scalars.items()]
        return encode({"type": "scalars", "scalars": header})
    kind = _KINDS[type(item)]
    return encode({"type": kind, kind: to_json(item)})


def to_json(item):
    """Fields of a message as proto3 JSON; absent and empty ones are left out."""
    result = {}
    for entry in fields(item):
        value = getattr(item, entry.name)
        if (type(item), entry.name) in _IN_THE_BODY or value is None or value is False or value == {} or value == []:
            continue
        if value == entry.default and not (isinstance(value, WireEnum) and value):  # an enum's default may be another than the contract's
            continue
        result[wire_name(entry)] = _value(value)
    return result


def _step(report):
    columns, parts = [], []
    for statistic, values in report.packed():
        columns.append({"statistic": statistic.wire_name, "float64" if values.typecode == "d" else "float32": len(values)})
        parts.append(little_endian(values))
    return encode({"type": "step", "report": to_json(report), "columns": columns}, b"".join(parts))


def little_endian(values: array):
    """The array's bytes as the contract wants them."""
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values.tobytes()


def _value(value):
    if isinstance(value, WireEnum):
        return value.wire_name
    if isinstance(value, bool) or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if abs(value) < _EXACT_INTEGERS else str(value)
    if isinstance(value, float):
        return value if abs(value) < float("inf") else "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, dict):
        return {str(key): _value(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_value(entry) for entry in value]
    if is_dataclass(value):
        return to_json(value)
    raise TypeError(f"a {type(value).__name__} has no proto3 JSON")


def read_alert(body):
    """An alert from proto3 JSON, with either spelling of its field names."""
    evidence = _get(body, "evidence", {})
    return Alert(
        id=_get(body, "id", ""),
        ordinal=int(_get(body, "ordinal", 0)),
        rule=_get(body, "rule", ""),
        layer=_get(body, "layer", ""),
        severity=_short(_get(body, "severity", ""), "SEVERITY_"),
        state=_short(_get(body, "state", ""), "ALERT_STATE_"),
        step=int(_get(body, "step", 0)),
        since_step=int(_get(body, "since_step", 0)),
        time_unix_ns=int(_get(body, "time_unix_ns", 0)),
        summary=_get(body, "summary", ""),
        advice=_get(body, "advice", ""),
        statistic=_get(evidence, "statistic", ""),
        value=float(_get(evidence, "value", 0.0)),
        threshold=float(_get(evidence, "threshold", 0.0)),
        values={name: float(value) for name, value in _get(evidence, "values", {}).items()},
    )


def read_advice(body):
    """Advice from proto3 JSON."""
    return Advice(bool(_get(body, "should_stop", False)), [_short(kind, "PROBE_KIND_").upper() for kind in _get(body, "probe_now", [])])


def _get(body, name, default):
    first, *rest = name.split("_")
    return body.get(name, body.get(first + "".join(part.capitalize() for part in rest), default))


def _short(name, prefix):
    return (name[len(prefix) :] if name.startswith(prefix) else name).lower()


_KINDS = {LayerTable: "layer_table", RunDescription: "description", ProbeResult: "probe", Goodbye: "goodbye"}
