import struct
import unittest
from array import array

from trainmon._enums import Combination, EndReason, OptimizerKind, ProbeKind, Sampling, Statistic
from trainmon._relay import messages
from trainmon._relay.frames import FrameReader
from trainmon._report import (
    ColumnDeclaration, Goodbye, Identity, LagSums, Layer, LayerTable, LogScalars, OptimizerDescription, ProbeResult, RunDescription, StepReport, StepValues,
)


def only(data):
    (frame,) = FrameReader().feed(data)
    return frame


class MessageTests(unittest.TestCase):
    def test_hello(self):
        identity = Identity("run", "p", "name", "id", 1, 2, None, "c", "h", 7, 1_700_000_000_000_000_000)
        header, body = only(messages.hello(identity, "word"))
        self.assertEqual((header["type"], header["relay_version"], header["secret"], body), ("hello", 1, "word", b""))
        self.assertEqual(header["hello"]["time_unix_ns"], "1700000000000000000")
        self.assertEqual(header["hello"]["protocol_version"], 1)
        self.assertNotIn("restart_count", header["hello"])

    def test_a_step_has_its_columns_in_the_body(self):
        report = StepReport(3, 5, 1, {Statistic.OWN: array("d", [1.5, float("nan")]), Statistic.GRAD_SQ: array("d", [2.0, 1e39])})
        report.values = StepValues(loss=0.0, learning_rate=float("inf"))
        report.lag = LagSums(2, 1.0, 0.0, 0.0, 0.0, 1.0)
        header, body = only(messages.message(report))
        self.assertEqual(header["columns"], [{"statistic": "LAYER_STATISTIC_GRAD_SQ", "float32": 2}, {"statistic": "LAYER_STATISTIC_OWN", "float64": 2}])
        self.assertEqual(body, struct.pack("<ff", 2.0, float("inf")) + struct.pack("<dd", 1.5, float("nan")))
        self.assertEqual(header["report"]["values"], {"loss": 0.0, "learning_rate": "Infinity"})
        self.assertEqual(header["report"]["lag"]["count"], 2)
        self.assertNotIn("columns", header["report"])
        self.assertNotIn("exact", header["report"])

    def test_the_others(self):
        table = LayerTable([Layer("a", "Linear", 6, [2, 3])], [ColumnDeclaration(Statistic.CROSS, Combination.REPLICATED)], 1)
        header, _ = only(messages.message(table))
        self.assertEqual(header["layer_table"]["columns"], [{"statistic": "LAYER_STATISTIC_CROSS", "combination": "RANK_COMBINATION_REPLICATED"}])
        header, _ = only(messages.message(RunDescription(OptimizerDescription(OptimizerKind.OTHER, "Lion"), sampling=Sampling.SHUFFLED, tags={"a": "b"})))
        self.assertEqual(header["description"], {"optimizer": {"kind": "OPTIMIZER_KIND_OTHER", "name": "Lion"}, "sampling": "SAMPLING_SCHEME_SHUFFLED", "tags": {"a": "b"}})
        header, _ = only(messages.message(ProbeResult(ProbeKind.SHARPNESS, 4, float("nan"), time_unix_ns=1 << 60)))
        self.assertEqual(header["probe"], {"kind": "PROBE_KIND_SHARPNESS", "step": 4, "value": "NaN", "time_unix_ns": str(1 << 60)})
        header, _ = only(messages.message(LogScalars(2, {"x": 1, "y": float("-inf")})))
        self.assertEqual(header["scalars"]["scalars"], [{"name": "x", "value": 1.0}, {"name": "y", "value": "-Infinity"}])
        header, _ = only(messages.message(Goodbye(EndReason.FAILED, "no")))
        self.assertEqual(header["goodbye"], {"reason": "FAILED", "message": "no"})

    def test_alerts_are_read_in_both_spellings(self):
        for since, time, evidence in (("since_step", "time_unix_ns", "threshold"), ("sinceStep", "timeUnixNs", "threshold")):
            alert = messages.read_alert({
                "id": "r/loss_spike", "ordinal": "2", "rule": "loss_spike", "severity": "SEVERITY_WARNING", "state": "ALERT_STATE_FIRING",
                "step": "9", since: "7", time: "5", "evidence": {"statistic": "loss", "value": 3, evidence: "NaN", "values": {"z": 1}},
            })
            self.assertEqual((alert.ordinal, alert.severity, alert.state, alert.step, alert.since_step), (2, "warning", "firing", 9, 7))
            self.assertEqual((alert.statistic, alert.value, alert.values), ("loss", 3.0, {"z": 1.0}))


if __name__ == "__main__":
    unittest.main()
