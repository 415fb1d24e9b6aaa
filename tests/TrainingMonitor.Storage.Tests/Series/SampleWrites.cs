using Google.Protobuf;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Series;
using ProbeKind = TrainingMonitor.Estimation.Input.ProbeKind;

namespace TrainingMonitor.Storage.Tests.Series;

/// <summary>Points, windows and alerts for tests.</summary>
internal static class SampleWrites
{
    public static readonly string[] Layers = ["embed", "läyer/0 \"x\"", "ヘッド🎯"];

    public static RunPoint Point(long step, int attempt = 0, int segment = 0, params (RunSeries Series, double Value)[] values)
    {
        var all = new double[SeriesCatalog.RunCount];
        Array.Fill(all, double.NaN);
        var nonFinite = 0UL;
        foreach (var (series, value) in values)
        {
            if (double.IsFinite(value))
            {
                all[(int)series] = value;
            }
            else
            {
                nonFinite |= 1UL << (int)series;
            }
        }

        return new RunPoint(attempt, segment, step, TimeOf(step, attempt), all, nonFinite);
    }

    public static long TimeOf(long step, int attempt = 0) => 1_700_000_000_000_000_000 + (attempt * 1_000_000_000_000) + (step * 250_000_000);

    public static LayerBlock Block(long firstStep, long width, int attempt = 0, int segment = 0, string[]? layers = null, int version = 1, Func<int, int, float>? value = null)
    {
        layers ??= Layers;
        var size = SeriesCatalog.LayerCount * layers.Length;
        var block = new LayerBlock(
            attempt, segment, firstStep, width, firstStep + width - 1, TimeOf(firstStep, attempt), version, layers, new int[size], new int[size], Nan(size), Nan(size), Nan(size), Nan(size));
        value ??= (series, layer) => firstStep + (100 * series) + layer;
        foreach (var series in new[] { (int)LayerSeries.GradNorm, (int)LayerSeries.NoiseScale })
        {
            for (var layer = 0; layer < layers.Length; layer++)
            {
                var i = (series * layers.Length) + layer;
                var mean = value(series, layer);
                (block.Count[i], block.Min[i], block.Max[i], block.Mean[i], block.Last[i]) = ((int)width, mean - 1, mean + 1, mean, mean + 0.5f);
            }
        }

        return block;
    }

    public static Alert Alert(string runId, ulong ordinal, AlertState state, string rule = "loss_spike", long step = 0) => new()
    {
        Id = $"{runId}/{rule}",
        Ordinal = ordinal,
        RunId = runId,
        Rule = rule,
        State = state,
        Severity = Severity.Warning,
        Step = (ulong)step,
        TimeUnixNs = TimeOf(step),
        Summary = "Der Verlust springt: 急上昇",
    };

    public static RunRow Row(string runId, string project, long updated, double loss = 1)
    {
        var summary = new RunSummary { RunId = runId, Project = project, UpdatedUnixNs = updated, Loss = loss };
        return new RunRow(summary.ToByteArray(), new RunDetail { Summary = summary }.ToByteArray());
    }

    public static ProbePoint Probe(long step, ProbeKind kind, double value) =>
        new(0, 0, 0, new ProbeInput(kind, step, TimeOf(step), value, double.NaN, true), 20, 0.25);

    private static float[] Nan(int size)
    {
        var values = new float[size];
        Array.Fill(values, float.NaN);
        return values;
    }
}
