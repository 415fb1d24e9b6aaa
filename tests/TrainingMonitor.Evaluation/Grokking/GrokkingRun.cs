using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Detection.Grokking;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Grokking;

/// <summary>A recorded run with what the detector and the baselines make of it.</summary>
/// <param name="Header">What it was.</param>
/// <param name="Kind">Why it is in the suite.</param>
/// <param name="Truth">What happened.</param>
/// <param name="LastStep">Last step recorded.</param>
/// <param name="Events">What the detectors said.</param>
/// <param name="Signals">Candidate scores over the run, by name.</param>
/// <param name="LastHeldOut">Held-out accuracy at the end.</param>
internal sealed record GrokkingRun(
    RecordingHeader Header, GrokkingKind Kind, GrokkingTruth Truth, int LastStep, RunEvents Events, IReadOnlyDictionary<string, Curve> Signals, double LastHeldOut)
{
    /// <summary>Name of the detector's own score.</summary>
    public const string Detector = "climb of ρ (this detector)";

    private const double PartialAccuracy = 0.2;

    private static readonly (string Name, RunSeries Series)[] Streamed =
    [
        ("ρ, level", RunSeries.LooRatio), ("weight norm", RunSeries.WeightNorm), ("train loss", RunSeries.Loss), ("gradient norm", RunSeries.GradNorm),
    ];

    private static readonly (string Name, string Curve)[] Measured =
    [
        ("spectral entropy", CurveName.SpectralEntropy), ("commutator defect", CurveName.CommutatorDefect), ("EB criterion", CurveName.EvidenceCriterion),
    ];

    /// <summary>First step at which grokking was said to be on its way, or to have begun; null: never.</summary>
    public Finding? Alarm { get; } = Events.Findings.FirstOrDefault(f => f.Rule is DetectionRule.GrokkingOnItsWay or DetectionRule.Grokking && f.State is FindingState.Firing);

    /// <summary>Whether the alarm came before generalization; what comes later is no forecast.</summary>
    public bool IsForewarned => Alarm is { } alarm && Truth.Grokked && alarm.Step < Truth.GeneralizedStep;

    /// <summary>From the alarm to generalization, as a share of the time from memorization to generalization.</summary>
    public double Lead => (Truth.GeneralizedStep - Alarm!.Step) / (double)(Truth.GeneralizedStep - Truth.MemorizedStep);

    /// <summary>Whether the run was said to stay memorized, and that stood at the end (where an end of the run resolves nothing).</summary>
    public bool Stays => Events.Findings.LastOrDefault(f => f.Rule is DetectionRule.MemorizationStays)?.State is FindingState.Firing;

    /// <summary>Not generalized, but held-out accuracy had passed 20% at the end.</summary>
    public bool IsPartial => !Truth.Grokked && LastHeldOut > PartialAccuracy;

    /// <summary>Learning rate times decay.</summary>
    public double DecayRate => Header.Configuration.LearningRate * Header.Configuration.WeightDecay;

    /// <summary>Last step that a score may look at.</summary>
    public int Until => Truth.Grokked ? Truth.GeneralizedStep - 1 : LastStep;

    /// <summary>Replays a recording.</summary>
    public static GrokkingRun Of(Recording recording)
    {
        var signals = new CurveBuilder();
        var outlook = new GrokkingOutlook();
        var last = -1L;
        var events = RunEvents.Of(recording, (analysis, step) =>
        {
            if (step == last)
            {
                return;
            }

            last = step;
            var context = new DetectorContext(null, analysis.RunValues, [], [], analysis.Configuration) { Step = step };
            if (outlook.Add(context))
            {
                signals.Add(Detector, step, outlook.Score);
            }

            foreach (var (name, series) in Streamed)
            {
                Add(signals, name, step, analysis.RunValues[(int)series], logarithm: series is not RunSeries.LooRatio);
            }
        });
        foreach (var (name, curveName) in Measured)
        {
            if (recording.Curves.TryGetValue(curveName, out var curve))
            {
                for (var i = 0; i < curve.Count; i++)
                {
                    Add(signals, name, curve.Steps[i], curve.Values[i], logarithm: false);
                }
            }
        }

        var kind = GrokkingSuite.Cells().First(cell => cell.Name == recording.Header.Cell).Kind;
        return new GrokkingRun(recording.Header, kind, GrokkingTruth.Of(recording), recording.Steps[^1], events, signals.ToCurves(), recording.Curves[CurveName.AccuracyOf(CurveName.HeldOut)].Values[^1]);
    }

    private static void Add(CurveBuilder signals, string name, long step, double value, bool logarithm)
    {
        value = logarithm ? Math.Log(value) : value;
        if (double.IsFinite(value))
        {
            signals.Add(name, step, value);
        }
    }
}
