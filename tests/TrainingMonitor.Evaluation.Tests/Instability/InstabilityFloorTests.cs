using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Evaluation.Instability;

namespace TrainingMonitor.Evaluation.Tests.Instability;

/// <summary>Floors of docs/evaluation/instability.md, on the held-back part.</summary>
public sealed class InstabilityFloorTests
{
    private static readonly Lazy<InstabilityScores> Scores = new(() => InstabilityScores.OfSources().Part(heldBack: true));

    [Fact]
    public void Spikes_are_forewarned()
    {
        var warned = Scores.Value.Forewarned(InstabilityReport.Precursor);

        warned.Total.ShouldBeGreaterThanOrEqualTo(60);
        warned.Value.ShouldBeGreaterThanOrEqualTo(0.8);
        Scores.Value.Leads(InstabilityReport.Precursor).Median.ShouldBeGreaterThanOrEqualTo(3);
    }

    [Fact]
    public void Healthy_steps_raise_no_more_than_one_precursor_in_a_hundred_thousand()
    {
        Scores.Value.HealthySteps.ShouldBeGreaterThan(100_000);
        Scores.Value.FalseAlarms(InstabilityReport.Precursor).ShouldBeLessThanOrEqualTo((int)(Scores.Value.HealthySteps / 100_000));
    }

    [Fact]
    public void What_is_not_finite_is_told_in_the_step_it_appears()
    {
        var told = Scores.Value.NonFiniteAtOnce;

        told.Total.ShouldBeGreaterThan(0);
        told.Count.ShouldBe(told.Total);
        Scores.Value.FalseAlarms(run => run.Firings(DetectionRule.NonFinite)).ShouldBe(0);
    }
}
