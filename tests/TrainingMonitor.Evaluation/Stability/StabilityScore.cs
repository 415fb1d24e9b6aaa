using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Reports;

namespace TrainingMonitor.Evaluation.Stability;

/// <summary>The scores of one run.</summary>
internal sealed class StabilityScore
{
    private const double Normal95 = 1.6448536269514722;
    private readonly ExactSharpness exact;

    /// <summary>Scores a run.</summary>
    public StabilityScore(Recording recording)
    {
        Recording = recording;
        exact = new ExactSharpness(recording);
        Windows = StabilityWindow.Of(recording);
        Sharpness = [.. exact.Points().Select(p => new SharpnessScore((p.Probe.Value / p.Exact) - 1, Math.Abs(p.Probe.Value - p.Exact) <= Normal95 * double.Hypot(p.Probe.StandardError, p.ExactError)))];
    }

    /// <summary>The run.</summary>
    public Recording Recording { get; }

    /// <summary>The optimizer: the first word of the cell.</summary>
    public string Optimizer => Recording.Header.Cell.Split('-')[0];

    /// <summary>Its windows.</summary>
    public IReadOnlyList<StabilityWindow> Windows { get; }

    /// <summary>Its probes of the deciding kind.</summary>
    public IReadOnlyList<SharpnessScore> Sharpness { get; }

    /// <summary>Sharpness over its threshold with the exact value and the interval.</summary>
    public Plot ToPlot()
    {
        var points = exact.Points().ToList();
        return new Plot(Recording.Header.Cell, "step", "sharpness over its threshold")
            .Line("exact", points.Select(p => ((double)p.Step, p.Exact / p.Threshold.Low)))
            .Points("probe", points.Select(p => ((double)p.Step, p.Probe.Value / p.Threshold.Low)))
            .Line("90% interval, low", points.Select(p => ((double)p.Step, (p.Probe.Value - (Normal95 * p.Probe.StandardError)) / p.Threshold.Low)), dashed: true)
            .Line("90% interval, high", points.Select(p => ((double)p.Step, (p.Probe.Value + (Normal95 * p.Probe.StandardError)) / p.Threshold.Low)), dashed: true)
            .Level("threshold", 1);
    }
}
