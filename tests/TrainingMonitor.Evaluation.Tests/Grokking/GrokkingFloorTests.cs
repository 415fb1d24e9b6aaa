using TrainingMonitor.Evaluation.Grokking;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Tests.Grokking;

/// <summary>Floors of docs/evaluation/grokking.md, on the held-back part.</summary>
public sealed class GrokkingFloorTests
{
    private static readonly Lazy<GrokkingScores> Scores = new(() => new GrokkingScores([.. RecordingStore.OfSources().ReadAll(GrokkingSuite.Name).AsParallel().AsOrdered().Select(GrokkingRun.Of)]));

    [Fact]
    public void Runs_that_will_generalize_rank_above_others_and_better_than_by_the_weight_norm()
    {
        var chosen = Scores.Value.Chosen().ToDictionary(score => score.Signal, StringComparer.Ordinal);
        var detector = Ranking.Auroc(Scores.Value.At(chosen[GrokkingRun.Detector], heldBack: true)).Value;

        detector.ShouldBeGreaterThanOrEqualTo(0.97);
        detector.ShouldBeGreaterThan(Ranking.Auroc(Scores.Value.At(chosen["weight norm"], heldBack: true)).Value);
    }

    [Fact]
    public void They_are_announced_early_and_others_are_not()
    {
        var positives = Scores.Value.Positives(heldBack: true);
        var negatives = Scores.Value.Negatives(heldBack: true);

        positives.Count.ShouldBeGreaterThanOrEqualTo(60);
        Proportion.Of(positives, run => run.IsForewarned).Value.ShouldBeGreaterThanOrEqualTo(0.9);
        Quantiles.Of(positives.Where(run => run.IsForewarned).Select(run => run.Lead)).Median.ShouldBeGreaterThanOrEqualTo(0.4);
        Proportion.Of(negatives, run => run.Alarm is not null).Value.ShouldBeLessThanOrEqualTo(0.1);
        positives.ShouldAllBe(run => !run.Stays);
    }

    [Fact]
    public void The_forecasts_interval_holds_and_is_narrower_than_its_rivals()
    {
        var forecasts = Scores.Value.Forecasts(heldBack: true).ToList();
        var held = Proportion.Of(forecasts[0].Outcomes, outcome => outcome.Covers);

        held.Total.ShouldBeGreaterThanOrEqualTo(60);
        held.Low.ShouldBeLessThanOrEqualTo(0.8);
        held.High.ShouldBeGreaterThanOrEqualTo(0.8);
        double Width(int forecast) => forecasts[forecast].Outcomes.Average(outcome => outcome.High - outcome.Low);
        Width(0).ShouldBeLessThan(Width(1));
        Width(0).ShouldBeLessThan(Width(2));
    }
}
