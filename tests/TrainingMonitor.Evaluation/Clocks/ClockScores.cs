using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Clocks;

/// <summary>Errors and alarms of the clocks over recorded runs.</summary>
internal sealed class ClockScores(IReadOnlyList<ClockRun> runs)
{
    /// <summary>Runs that score, cost cells left out.</summary>
    public IReadOnlyList<ClockRun> All { get; } = [.. runs.Where(r => !r.Cell.StartsWith(ClockSuite.Cost, StringComparison.Ordinal))];

    /// <summary>Runs that measure the cost.</summary>
    public IReadOnlyList<ClockRun> CostRuns { get; } = [.. runs.Where(r => r.Cell.StartsWith(ClockSuite.Cost, StringComparison.Ordinal))];

    /// <summary>Runs in which held-out loss rose.</summary>
    public IReadOnlyList<ClockRun> Positive(bool heldBack, bool noise) => [.. All.Where(r => r.HeldBack == heldBack && r.HasNoise == noise && r.Truth.IsPositive)];

    /// <summary>Runs in which it did not.</summary>
    public IReadOnlyList<ClockRun> Negative(bool heldBack) => [.. All.Where(r => r.HeldBack == heldBack && r.Truth.IsNegative)];

    /// <summary>Onset at the first alarm of a set of clocks, in evaluation intervals after the turn; NaN: no alarm.</summary>
    public static double OnsetError(ClockRun run, ClockKind kind) => run.ErrorOf(FirstAlarm(run, kind)?.Onset ?? double.NaN);

    /// <summary>Smoothed held-out loss at that onset over the lowest, as a share above it; NaN for none.</summary>
    public static double Regret(ClockRun run, ClockKind kind) => run.RegretAt(FirstAlarm(run, kind)?.Onset ?? double.NaN);

    /// <summary>Delay of that alarm in evaluation intervals; infinite: none.</summary>
    public static double Delay(ClockRun run, ClockKind kind) => FirstAlarm(run, kind) is { } alarm ? run.ErrorOf(alarm.Step) : double.PositiveInfinity;

    /// <summary>Runs whose onset lies within so many evaluation intervals of the turn; those without an onset do not.</summary>
    public static Proportion Within(IReadOnlyCollection<ClockRun> runs, ClockKind kind, double intervals) => Proportion.Of(runs, r => Math.Abs(OnsetError(r, kind)) <= intervals);

    /// <summary>Runs that alarm.</summary>
    public static Proportion Alarmed(IReadOnlyCollection<ClockRun> runs, ClockKind kind) => Proportion.Of(runs, r => FirstAlarm(r, kind) is not null);

    /// <summary>Runs whose canaries are known by heart, whether or not held-out loss has turned.</summary>
    public static Proportion Known(IReadOnlyCollection<ClockRun> runs) => Proportion.Of(runs, r => r.Readings[ClockKind.Canaries].Known is not null);

    /// <summary>The earlier of both alarms.</summary>
    public static ClockAlarm? FirstAlarm(ClockRun run, ClockKind kind)
    {
        var (canaries, sentinels) = (run.Readings[kind].Canaries, run.Readings[kind].Sentinels);
        return canaries is null || (sentinels is not null && sentinels.Step < canaries.Step) ? sentinels : canaries;
    }
}
