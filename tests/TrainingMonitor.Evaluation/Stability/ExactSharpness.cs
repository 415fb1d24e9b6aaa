using TrainingMonitor.Estimation;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Evaluation.Recordings;

namespace TrainingMonitor.Evaluation.Stability;

/// <summary>The exact value of the sharpness that decides for a run's optimizer, beside the probes of it.</summary>
internal sealed class ExactSharpness
{
    private readonly Recording recording;
    private readonly Curve curve;
    private readonly Curve? errors;
    private readonly Dictionary<int, double> rates;

    /// <summary>Reads the curve of the run's deciding probe.</summary>
    public ExactSharpness(Recording recording)
    {
        this.recording = recording;
        Kind = StabilityThreshold.Preferred(recording.Header.Configuration);
        curve = recording.Curves[Kind switch
        {
            ProbeKind.PreconditionedSharpness => StabilityCurve.Preconditioned,
            ProbeKind.BatchSharpness => StabilityCurve.BatchSharpness,
            _ => StabilityCurve.Sharpness,
        }];
        errors = Kind == ProbeKind.BatchSharpness ? recording.Curves[StabilityCurve.BatchSharpnessError] : null;
        var rate = recording.Tracks[TrackName.Of(StepValue.LearningRate)];
        rates = recording.Steps.Select((step, i) => (step, rate[i])).ToDictionary(p => p.step, p => p.Item2);
    }

    /// <summary>The probe that decides.</summary>
    public ProbeKind Kind { get; }

    /// <summary>Step, exact value, its standard error, the probe, and the threshold (the lower plateau where there are two).</summary>
    public IEnumerable<(int Step, double Exact, double ExactError, ProbeInput Probe, StabilityThreshold Threshold)> Points()
    {
        var probes = recording.Probes.Where(p => p.Kind == Kind).ToDictionary(p => (int)p.Step);
        for (var i = 0; i < curve.Count; i++)
        {
            if (probes.TryGetValue(curve.Steps[i], out var probe) && ThresholdAt(curve.Steps[i]) is { } threshold)
            {
                yield return (curve.Steps[i], curve.Values[i], errors?.Values[i] ?? 0, probe, threshold);
            }
        }
    }

    /// <summary>Mean over steps from … to of the exact value over both plateaus.</summary>
    public (double Low, double High) MeanRatios(int from, int to)
    {
        var points = Points().Where(p => p.Step >= from && p.Step <= to).ToList();
        return points.Count == 0
            ? (double.NaN, double.NaN)
            : (points.Average(p => p.Exact / p.Threshold.Low), points.Average(p => p.Exact / p.Threshold.High));
    }

    private StabilityThreshold? ThresholdAt(int step) =>
        rates.TryGetValue(step, out var rate) ? StabilityThreshold.For(recording.Header.Configuration, Kind, rate) : null;
}
