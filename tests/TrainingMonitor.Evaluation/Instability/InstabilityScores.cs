using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Instability;

/// <summary>Scores of the suite over some of its runs.</summary>
/// <param name="Runs">Runs.</param>
internal sealed record InstabilityScores(IReadOnlyList<InstabilityRun> Runs)
{
    /// <summary>Steps after a spike in which loss_spike and divergence still count as having seen it.</summary>
    public const int Late = 30;

    /// <summary>Replays all recordings of the suite.</summary>
    public static InstabilityScores OfSources()
    {
        var paths = RecordingStore.OfSources().Paths(InstabilitySuite.Name);
        var runs = new InstabilityRun[paths.Count];
        Parallel.For(0, paths.Count, i => runs[i] = new InstabilityRun(RecordingFile.Read(paths[i])));
        return new InstabilityScores(runs);
    }

    /// <summary>One part.</summary>
    public InstabilityScores Part(bool heldBack) => new([.. Runs.Where(run => run.Header.HeldBack == heldBack)]);

    /// <summary>Runs of a kind.</summary>
    public InstabilityScores Of(string kind) => new([.. Runs.Where(run => run.Kind == kind)]);

    /// <summary>Runs with a fault that led to a spike or to a number that is not finite.</summary>
    public IReadOnlyList<InstabilityRun> Positives => [.. Runs.Where(run => run.FaultStep is not null && run.Truth.Step >= run.FaultStep)];

    /// <summary>Steps in which nothing was wrong.</summary>
    public long HealthySteps => Runs.Sum(run => (long)run.HealthySteps);

    /// <summary>Positive runs with an alarm from the fault on, before the spike.</summary>
    public Proportion Forewarned(Func<InstabilityRun, IReadOnlyList<int>> alarms) =>
        Proportion.Of(Positives, run => run.FirstAlarm(alarms(run), run.Truth.Step!.Value) is not null);

    /// <summary>Steps from the alarm to the spike, where there was an alarm before it.</summary>
    public Quantiles Leads(Func<InstabilityRun, IReadOnlyList<int>> alarms) => Quantiles.Of(
        from run in Positives
        let alarm = run.FirstAlarm(alarms(run), run.Truth.Step!.Value)
        where alarm is not null
        select (double)(run.Truth.Step!.Value - alarm.Value));

    /// <summary>Alarms while nothing was wrong.</summary>
    public int FalseAlarms(Func<InstabilityRun, IReadOnlyList<int>> alarms) => Runs.Sum(run => run.FalseAlarms(alarms(run)));

    /// <summary>Runs whose truth has the step, with an alarm from the fault on and at most <see cref="Late"/> steps after it.</summary>
    public Proportion Seen(Func<InstabilityRun, int?> truth, DetectionRule rule) => Proportion.Of(
        With(truth), run => run.FirstAlarm(run.Firings(rule), truth(run)!.Value + Late + 1) is not null);

    /// <summary>Steps from the truth to the alarm.</summary>
    public Quantiles Delays(Func<InstabilityRun, int?> truth, DetectionRule rule) => Quantiles.Of(
        from run in With(truth)
        let alarm = run.FirstAlarm(run.Firings(rule), truth(run)!.Value + Late + 1)
        where alarm is not null
        select (double)(alarm.Value - truth(run)!.Value));

    /// <summary>Runs with a number that is not finite, told in the step it appeared; before it where a squared norm overflowed float32 first.</summary>
    public Proportion NonFiniteAtOnce => Proportion.Of(
        With(run => run.Truth.NonFiniteStep), run => run.Firings(DetectionRule.NonFinite) is [var first, ..] && first >= run.FaultStep && first <= run.Truth.NonFiniteStep);

    /// <summary>Smallest threshold of a baseline with at most so many false alarms.</summary>
    public double Matched(Func<InstabilityRun, double, IReadOnlyList<int>> alarms, int falseAlarms)
    {
        for (var threshold = 1.0; threshold < 1e6; threshold *= 1.05)
        {
            if (FalseAlarms(run => alarms(run, threshold)) <= falseAlarms)
            {
                return threshold;
            }
        }

        return double.PositiveInfinity;
    }

    private List<InstabilityRun> With(Func<InstabilityRun, int?> truth) => [.. Runs.Where(run => run.FaultStep is not null && truth(run) >= run.FaultStep)];
}
