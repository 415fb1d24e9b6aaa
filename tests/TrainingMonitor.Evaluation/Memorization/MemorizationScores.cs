using TrainingMonitor.Estimation.Detection.Memorization;
using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Memorization;

/// <summary>Scores of the detector and the baselines over all runs that a detector can tell anything of.</summary>
internal sealed class MemorizationScores
{
    /// <summary>Name of our detector.</summary>
    public const string Detector = "memorization_onset";

    /// <summary>False positives that a baseline's threshold may give on the development part.</summary>
    public const double FalsePositiveRate = 0.05;

    private readonly Dictionary<string, double> directions = new(StringComparer.Ordinal);

    /// <summary>Takes the runs.</summary>
    public MemorizationScores(IReadOnlyList<MemorizationRun> runs)
    {
        All = runs;
        Statistics = [Detector, .. runs.SelectMany(r => r.Baselines.Keys).Distinct(StringComparer.Ordinal)];
        foreach (var name in Statistics)
        {
            directions[name] = 1;
            directions[name] = name == Detector || name == MemorizationReader.ValidationRule || !(Ranking.Auroc(Runs(name, heldBack: false)).Value < 0.5) ? 1 : -1;
        }
    }

    /// <summary>All runs.</summary>
    public IReadOnlyList<MemorizationRun> All { get; }

    /// <summary>Names, the detector first.</summary>
    public IReadOnlyList<string> Statistics { get; }

    /// <summary>Step of the detector's alarm; null: none.</summary>
    public static int? Alarm(MemorizationRun run) => run.Margin(FreshGainTest.AverageRunLength).FirstAtLeast(1);

    /// <summary>Whether an alarm on a positive run counts.</summary>
    public static bool IsDetected(MemorizationRun run, int? alarm) => alarm is not null && !run.IsTooEarly(alarm);

    /// <summary>Scored runs of a part: those with a truth, and of which the detector did not say that it cannot tell.</summary>
    public IReadOnlyList<ScoredRun> Runs(string statistic, bool heldBack) =>
        [.. Judged(heldBack).Where(r => statistic == Detector || r.Baselines.ContainsKey(statistic)).Select(r => new ScoredRun(Trace(r, statistic).Highest, r.Truth.IsPositive))];

    /// <summary>The statistic as an alarm.</summary>
    public AlarmScore Alarms(string statistic, bool heldBack) => Score(statistic, [.. Judged(heldBack)]);

    /// <summary>The statistic as an alarm on the runs of which the detector says that it cannot tell.</summary>
    public AlarmScore AlarmsWhereSilent(string statistic, bool heldBack) => Score(statistic, [.. All.Where(r => r.HeldBack == heldBack && r.CannotTell)]);

    /// <summary>Positive runs in which the detector is not later than a baseline.</summary>
    public Proportion NoLaterThan(string baseline, bool heldBack) => NoLaterThan(baseline, heldBack, _ => true);

    /// <summary>The same of some runs.</summary>
    public Proportion NoLaterThan(string baseline, bool heldBack, Func<MemorizationRun, bool> among)
    {
        var of = DelayOf(baseline);
        return Proportion.Of([.. Positive(heldBack).Where(among)], r => r.DelayOf(Alarm(r)) <= of(r));
    }

    /// <summary>The same with the oracle of <see cref="DelayBound"/> in the detector's place: what is to be had with its statistic at its average run length.</summary>
    public Proportion BoundNoLaterThan(string baseline, bool heldBack, Func<MemorizationRun, bool> among)
    {
        var of = DelayOf(baseline);
        return Proportion.Of([.. Positive(heldBack).Where(among)], r => DelayBound.Of(r, FreshGainTest.AverageRunLength) <= of(r));
    }

    /// <summary>The oracle where the detector is later than a baseline.</summary>
    public Proportion BoundNoLaterWhereLate(string baseline, bool heldBack)
    {
        var of = DelayOf(baseline);
        return BoundNoLaterThan(baseline, heldBack, r => r.DelayOf(Alarm(r)) > of(r));
    }

    /// <summary>The detector's delays at an average run length.</summary>
    public DelayScore Delays(double averageRunLength, bool heldBack)
    {
        MemorizationRun[] positive = [.. Positive(heldBack)];
        int? At(MemorizationRun run) => run.Margin(averageRunLength).FirstAtLeast(1);
        var bounds = positive.ToDictionary(r => r, r => DelayBound.Of(r, averageRunLength));
        return new DelayScore(
            Proportion.Of(positive, r => IsDetected(r, At(r))),
            Quantiles.Of(positive.Select(r => r.DelayOf(At(r)))),
            Quantiles.Of(positive.Select(r => bounds[r])),
            Quantiles.Of(positive.Where(r => double.IsFinite(bounds[r])).Select(r => Math.Max(0, r.DelayOf(At(r))) / Math.Max(1, bounds[r]))),
            [.. positive.Select(r => r.DelayOf(At(r)) / r.StepsPerEpoch)]);
    }

    private Func<MemorizationRun, double> DelayOf(string baseline)
    {
        var threshold = ThresholdOf(baseline);
        return run => run.DelayOf(Trace(run, baseline).FirstAtLeast(threshold));
    }

    private IEnumerable<MemorizationRun> Positive(bool heldBack) => Judged(heldBack).Where(r => r.Truth.IsPositive);

    private IEnumerable<MemorizationRun> Judged(bool heldBack) =>
        All.Where(r => r.HeldBack == heldBack && !r.CannotTell && (r.Truth.IsPositive || r.Truth.IsNegative));

    private AlarmScore Score(string statistic, IReadOnlyList<MemorizationRun> runs)
    {
        var threshold = ThresholdOf(statistic);
        var known = runs.Where(r => statistic == Detector || r.Baselines.ContainsKey(statistic)).ToList();
        MemorizationRun[] positive = [.. known.Where(r => r.Truth.IsPositive)], negative = [.. known.Where(r => r.Truth.IsNegative)];
        int? At(MemorizationRun run) => Trace(run, statistic).FirstAtLeast(threshold);
        return new AlarmScore(
            threshold,
            Proportion.Of(positive, r => IsDetected(r, At(r))),
            Proportion.Of(negative, r => At(r) is not null),
            positive.Count(r => r.IsTooEarly(At(r))),
            Quantiles.Of(positive.Select(r => r.DelayOf(At(r)) / r.StepsPerEpoch)));
    }

    private AlarmTrace Trace(MemorizationRun run, string statistic) =>
        statistic == Detector ? run.Margin(FreshGainTest.AverageRunLength) : run.Baselines[statistic].Map(v => v * directions[statistic]);

    private double ThresholdOf(string statistic)
    {
        if (statistic == Detector)
        {
            return 1;
        }

        double[] negatives = [.. Runs(statistic, heldBack: false).Where(r => !r.Positive).Select(r => r.Score).OrderDescending()];
        return negatives.Length == 0 ? double.PositiveInfinity : Math.BitIncrement(negatives[(int)(FalsePositiveRate * negatives.Length)]);
    }
}
