using TrainingMonitor.Estimation.Detection.Clocks;
using TrainingMonitor.Evaluation.Clocks;
using TrainingMonitor.Evaluation.Recordings;

namespace TrainingMonitor.Evaluation.Tests.Clocks;

/// <summary>Floors of docs/evaluation/clocks.md, on the held-back part.</summary>
public sealed class ClockFloorTests
{
    private static readonly Lazy<ClockScores> Scores =
        new(() => new ClockScores([.. RecordingStore.OfSources().ReadAll(ClockSuite.Name).AsParallel().AsOrdered().Select(ClockRun.Of)]));

    [Fact]
    public void Every_planned_run_is_there()
    {
        (Scores.Value.All.Count + Scores.Value.CostRuns.Count).ShouldBe(ClockSuite.Plans().Count());
        RecordingStore.OfSources().Paths(ClockSuite.Name).Sum(path => new FileInfo(path).Length).ShouldBeLessThan(6L << 20);
    }

    [Fact]
    public void Wrong_labels_are_told_and_dated()
    {
        var runs = Scores.Value.Positive(heldBack: true, noise: true);

        runs.Count.ShouldBe(35);
        ClockScores.Alarmed(runs, ClockKind.Canaries).Count.ShouldBe(35);
        ClockScores.Within(runs, ClockKind.Both, 1).Value.ShouldBeGreaterThanOrEqualTo(0.5);
        ClockScores.Within(runs, ClockKind.Both, 2).Value.ShouldBeGreaterThanOrEqualTo(0.75);
        runs.Where(r => ClockScores.Regret(r, ClockKind.Both) <= 0.03).Count().ShouldBeGreaterThanOrEqualTo(28);
    }

    [Fact]
    public void Sentinels_stay_silent_where_held_out_loss_does_not_rise() =>
        Scores.Value.All.Where(r => r.Truth.IsNegative).ShouldAllBe(r => r.Readings[ClockKind.Sentinels].Sentinels == null);

    [Fact]
    public void Both_clocks_seldom_see_a_turn_where_there_is_none()
    {
        var negative = Scores.Value.Negative(heldBack: true);

        negative.Count.ShouldBeGreaterThanOrEqualTo(15);
        ClockScores.Alarmed(negative, ClockKind.Both).Count.ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public void Withheld_examples_cost_no_accuracy_and_canaries_little()
    {
        foreach (var noise in new[] { 0, 0.2 })
        {
            var plain = ClockCost.Of(Scores.Value.CostRuns, noise, false, false).Average(r => r.Best.Accuracy);
            ClockCost.Of(Scores.Value.CostRuns, noise, false, true).Average(r => r.Best.Accuracy).ShouldBeGreaterThan(plain - 0.005);
            ClockCost.Of(Scores.Value.CostRuns, noise, true, true).Average(r => r.Best.Accuracy).ShouldBeGreaterThan(plain - 0.012);
        }
    }

    [Theory]
    [InlineData(9, 0.0)]
    [InlineData(2, 0.1)]
    public void Canaries_alarm_at_their_level_at_most(int choices, double moves) =>
        ClockNulls.OfCanaries(choices, moves, 1000, 7).Low.ShouldBeLessThanOrEqualTo(ClockDetector.CanaryLevel);

    [Theory]
    [InlineData(50, false)]
    [InlineData(10, true)]
    public void Sentinels_alarm_in_at_most_one_healthy_run_of_twenty(int count, bool skewed) =>
        ClockNulls.OfSentinels(count, skewed, 1000, 8).Low.ShouldBeLessThanOrEqualTo(0.05);
}
