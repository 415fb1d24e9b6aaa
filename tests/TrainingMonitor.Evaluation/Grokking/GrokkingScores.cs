using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Grokking;

/// <summary>Scores of all runs of the suite.</summary>
internal sealed class GrokkingScores(IReadOnlyList<GrokkingRun> runs)
{
    /// <summary>For each signal the way to read it that ranks the development part best.</summary>
    public IEnumerable<SignalScore> Chosen() =>
        runs.SelectMany(run => run.Signals.Keys).Distinct(StringComparer.Ordinal).OrderByDescending(signal => signal == GrokkingRun.Detector).ThenBy(signal => signal, StringComparer.Ordinal)
            .Select(signal => SignalScore.Of(signal).MaxBy(score => Ranking.Auroc(At(score, heldBack: false)).Value)!);

    /// <summary>Scores a fixed time after memorization.</summary>
    public IReadOnlyList<ScoredRun> At(SignalScore score, bool heldBack) => [.. Part(heldBack).Select(run => new ScoredRun(score.At(run, GrokkingReport.Ages), run.Truth.Grokked))];

    /// <summary>Highest scores so far.</summary>
    public IReadOnlyList<ScoredRun> Highest(SignalScore score, bool heldBack) => [.. Part(heldBack).Select(run => new ScoredRun(score.Highest(run), run.Truth.Grokked))];

    /// <summary>Runs that generalized after they had memorized.</summary>
    public IReadOnlyList<GrokkingRun> Positives(bool heldBack) => [.. Part(heldBack).Where(run => run.Truth.Grokked)];

    /// <summary>All others.</summary>
    public IReadOnlyList<GrokkingRun> Negatives(bool heldBack) => [.. Part(heldBack).Where(run => !run.Truth.Grokked)];

    /// <summary>Forecasts with the first alarm by the detector and by its rivals.</summary>
    public IEnumerable<(string Name, IReadOnlyList<ForecastOutcome> Outcomes)> Forecasts(bool heldBack)
    {
        var development = Positives(heldBack: false).Where(run => run.IsForewarned).ToList();
        var warned = Positives(heldBack).Where(run => run.IsForewarned).ToList();
        yield return ("this detector", [.. warned.Select(ForecastOutcome.Of)]);
        foreach (var rival in (ForecastMethod[])[ForecastMethod.ConstantSteps, ForecastMethod.NormLaw])
        {
            yield return (rival.Name, [.. rival.Outcomes(development, warned)]);
        }
    }

    private IEnumerable<GrokkingRun> Part(bool heldBack) => runs.Where(run => run.Header.HeldBack == heldBack);
}
