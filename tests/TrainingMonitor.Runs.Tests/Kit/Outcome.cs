using System.Globalization;
using Google.Protobuf;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.Tests.Kit;

/// <summary>Everything a run wrote, as text with all bits, so that two runs can be compared.</summary>
internal static class Outcome
{
    public static List<string> Of(RunWrites writes) =>
    [
        .. writes.Points.Select(p => $"point {p.Attempt} {p.Segment} {p.Step} {p.TimeUnixNs} {Bits(p.Values)} {p.NonFinite}"),
        .. writes.Blocks.Select(b =>
            $"block {b.Attempt} {b.Segment} {b.FirstStep} {b.Width} {b.LastStep} {b.TimeUnixNs} {b.TableVersion} {string.Join(',', b.LayerNames)} "
            + $"{string.Join(',', b.Count)} {string.Join(',', b.NonFinite)} {Bits(b.Min)} {Bits(b.Max)} {Bits(b.Mean)} {Bits(b.Last)}"),
        .. writes.Probes.Select(p => $"probe {p}"),
        .. writes.Scalars.Select(s => string.Create(CultureInfo.InvariantCulture, $"scalar {s}")),
        .. writes.Alerts.Select(a => $"alert {Convert.ToHexString(a.ToByteArray())}"),
    ];

    private static string Bits(double[] values) => string.Join(',', values.Select(BitConverter.DoubleToInt64Bits));

    private static string Bits(float[] values) => string.Join(',', values.Select(BitConverter.SingleToInt32Bits));
}
