"""From the plain messages to frames of the wire contract, and back."""

from dataclasses import fields, is_dataclass

from google.protobuf.message import DecodeError

from trainmon.v1 import ingest_pb2, statistics_pb2

from .._alerts import Advice, Alert
from .._relay.messages import little_endian
from .._report import Goodbye, LayerTable, LogScalars, ProbeResult, RunDescription, StepReport, wire_name

PROTOCOL_VERSION = 1

_BODIES = {LayerTable: "layer_table", ProbeResult: "probe", Goodbye: "goodbye", RunDescription: "description"}


def hello_of(identity):
    """A function that makes the Hello message of this process: (oldest, newest, now_ns, table, description) -> Hello."""

    def make(oldest, newest, now_ns, table=None, description=None):
        hello = ingest_pb2.Hello(protocol_version=PROTOCOL_VERSION)
        _copy(identity, hello)
        if description is not None:
            hello.description.Clear()
            _copy(description, hello.description)
        if table is not None:
            _copy(table, hello.layer_table)
        hello.oldest_sequence, hello.newest_sequence, hello.time_unix_ns = oldest, newest, now_ns or identity.time_unix_ns
        return hello

    return make


def hello_as(data):
    """(the Hello message of an earlier process from its bytes, a function as above that says the rest anew). ValueError: it is none."""
    try:
        kept = ingest_pb2.Hello.FromString(data)
    except DecodeError as error:
        raise ValueError(f"its hello is no message: {error}") from None

    def make(oldest, newest, now_ns, table=None, description=None):
        hello = ingest_pb2.Hello.FromString(data)
        hello.oldest_sequence, hello.newest_sequence, hello.time_unix_ns = oldest, newest, now_ns
        return hello

    return kept, make


def encode_hello(hello):
    """Bytes of the first frame of a stream."""
    return ingest_pb2.TrainerFrame(hello=hello).SerializeToString()


def encode(sequence, items):
    """Bytes of one frame: several steps, or one message of any other kind."""
    frame = ingest_pb2.TrainerFrame(sequence=sequence)
    first = items[0]
    if isinstance(first, StepReport):
        for report in items:
            _step(report, frame.steps.reports.add())
    elif isinstance(first, LogScalars):
        frame.scalars.step, frame.scalars.time_unix_ns = first.step, first.time_unix_ns
        for name, value in first.scalars.items():
            frame.scalars.scalars.add(name=name, value=float(value))
    else:
        body = getattr(frame, _BODIES[type(first)])
        body.SetInParent()
        _copy(first, body)
    return frame.SerializeToString()


def decode(data):
    """A frame of the server."""
    return ingest_pb2.ServerFrame.FromString(data)


def read_alert(alert):
    """An alert as plain Python."""
    evidence = alert.evidence
    return Alert(
        id=alert.id,
        ordinal=alert.ordinal,
        rule=alert.rule,
        layer=alert.layer,
        severity=_short(alert, "severity", "SEVERITY_"),
        state=_short(alert, "state", "ALERT_STATE_"),
        step=alert.step,
        since_step=alert.since_step,
        time_unix_ns=alert.time_unix_ns,
        summary=alert.summary,
        advice=alert.advice,
        statistic=evidence.statistic,
        value=evidence.value,
        threshold=evidence.threshold,
        values=dict(evidence.values),
    )


def read_advice(advice):
    """Advice as plain Python."""
    return Advice(advice.should_stop, [statistics_pb2.ProbeKind.Name(kind)[len("PROBE_KIND_") :] for kind in advice.probe_now])


def _step(report, target):
    columns, report.columns = report.columns, {}
    try:
        _copy(report, target)
    finally:
        report.columns = columns
    for statistic, values in report.packed():
        column = target.columns.add(statistic=int(statistic))
        setattr(column, "float64" if values.typecode == "d" else "float32", little_endian(values))


def _copy(item, target):
    for entry in fields(item):
        value = getattr(item, entry.name)
        if value is None:
            continue
        if is_dataclass(value):
            inner = getattr(target, wire_name(entry))
            inner.SetInParent()
            _copy(value, inner)
        elif isinstance(value, list):
            place = getattr(target, entry.name)
            for element in value:
                _copy(element, place.add()) if is_dataclass(element) else place.append(element)
        elif isinstance(value, dict):
            if value:
                getattr(target, entry.name).update({str(key): str(text) for key, text in value.items()})
        else:
            setattr(target, wire_name(entry), value)


def _short(message, name, prefix):
    number = getattr(message, name)
    text = message.DESCRIPTOR.fields_by_name[name].enum_type.values_by_number[number].name
    return text[len(prefix) :].lower() if text.startswith(prefix) else text.lower()
