using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Evaluation.Memorization;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Clocks;

/// <summary>A recorded run with its truth and what each clock said of it.</summary>
internal sealed record ClockRun
{
    /// <summary>Configuration.</summary>
    public required string Cell { get; init; }

    /// <summary>Seed.</summary>
    public required int Seed { get; init; }

    /// <summary>Scored for the report only.</summary>
    public required bool HeldBack { get; init; }

    /// <summary>What happened.</summary>
    public required MemorizationTruth Truth { get; init; }

    /// <summary>Steps over which the smoothed held-out loss lies within 1% of its lowest: the truth is no sharper than this.</summary>
    public required int FlatSteps { get; init; }

    /// <summary>Steps between two evaluations of the sentinels, and of an epoch.</summary>
    public required int Interval { get; init; }

    /// <summary>Lowest held-out loss, and the accuracy at that step.</summary>
    public required (double Loss, double Accuracy) Best { get; init; }

    /// <summary>Held-out loss.</summary>
    public required Curve HeldOut { get; init; }

    /// <summary>What each set of clocks says.</summary>
    public required IReadOnlyDictionary<ClockKind, ClockReading> Readings { get; init; }

    /// <summary>Whether part of the labels is wrong (besides canaries).</summary>
    public bool HasNoise => !Cell.Contains("noise0-", StringComparison.Ordinal);

    /// <summary>Distance of a step from the turn, in evaluation intervals; NaN for none.</summary>
    public double ErrorOf(double step) => (step - Truth.TurnStep) / Interval;

    /// <summary>Held-out loss at a step, mean of five evaluations, over that at the turn: share above it. NaN for none.</summary>
    public double RegretAt(double step) => double.IsNaN(step) ? double.NaN : (Near(step) / Near(Truth.TurnStep)) - 1;

    /// <summary>The canaries' estimate of held-out loss at the turn over held-out loss; NaN: none.</summary>
    public double Level => Readings[ClockKind.Canaries].HeldOut / Near(Truth.TurnStep);

    /// <summary>Reads a recording.</summary>
    public static ClockRun Of(Recording recording)
    {
        var loss = recording.Curves[CurveName.LossOf(CurveName.HeldOut)];
        var truth = MemorizationTruth.Of(loss);
        var accuracy = recording.Curves[CurveName.AccuracyOf(CurveName.HeldOut)];
        var best = Array.IndexOf(loss.Values, loss.Values.Min());
        int[] flat = [.. loss.Steps.Where((_, i) => loss.Values[i] <= 1.01 * loss.Values[best])];
        return new ClockRun
        {
            Cell = recording.Header.Cell,
            Seed = recording.Header.Seed,
            HeldBack = recording.Header.HeldBack,
            Truth = truth,
            FlatSteps = flat[^1] - flat[0],
            Interval = (int)((recording.Header.Configuration.DatasetSize + recording.Header.Configuration.BatchSize - 1) / recording.Header.Configuration.BatchSize),
            Best = (loss.Values[best], accuracy.Values.Max()),
            HeldOut = loss,
            Readings = Enum.GetValues<ClockKind>().ToDictionary(kind => kind, kind => Read(recording, kind, truth.TurnStep)),
        };
    }

    private double Near(double step)
    {
        var at = 0;
        while (at + 1 < HeldOut.Count && Math.Abs(HeldOut.Steps[at + 1] - step) <= Math.Abs(HeldOut.Steps[at] - step))
        {
            at++;
        }

        return HeldOut.Values[Math.Max(0, at - 2)..Math.Min(HeldOut.Count, at + 3)].Average();
    }

    private static ClockReading Read(Recording recording, ClockKind kind, int turnStep)
    {
        string[] left = kind switch
        {
            ClockKind.Canaries => TrackName.Sentinels,
            ClockKind.Sentinels => TrackName.Canaries,
            _ => [],
        };
        var only = new Recording
        {
            Header = recording.Header,
            Steps = recording.Steps,
            Tracks = recording.Tracks.Where(track => !left.Contains(track.Key, StringComparer.Ordinal)).ToDictionary(StringComparer.Ordinal),
            Probes = recording.Probes,
            Curves = recording.Curves,
        };
        double turn = double.NaN, heldOut = double.NaN;
        var events = RunEvents.Of(only, (analysis, step) =>
        {
            turn = analysis.TurnStep;
            var estimate = analysis.RunValues[(int)RunSeries.CanaryHeldOut];
            heldOut = double.IsNaN(heldOut) && step >= turnStep ? estimate : heldOut;
        });
        var known = events.Findings.FirstOrDefault(f => f.Rule == DetectionRule.CanariesMemorized && f.State is FindingState.Pending or FindingState.Firing)?.Step;
        return new ClockReading(turn, heldOut, known, First(events, DetectionRule.CanariesMemorized), First(events, DetectionRule.SentinelLossRising));
    }

    private static ClockAlarm? First(RunEvents events, DetectionRule rule) =>
        events.Findings.FirstOrDefault(f => f.Rule == rule && f.State == FindingState.Firing) is { } finding ? new ClockAlarm(finding.Step, finding.Values["onset_step"]) : null;
}
