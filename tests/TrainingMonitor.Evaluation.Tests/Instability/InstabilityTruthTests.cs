using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Evaluation.Instability;
using TrainingMonitor.Evaluation.Recordings;

namespace TrainingMonitor.Evaluation.Tests.Instability;

public sealed class InstabilityTruthTests
{
    [Fact]
    public void A_spike_is_a_rise_by_half_of_the_median_and_a_tenth_of_the_start()
    {
        var losses = Falling(200);
        losses[150] = 1.4 * losses[149];
        Of(losses).ShouldBe(new InstabilityTruth(null, null, null, null, IsCalm: false));

        losses[160] = losses[159] + 0.3;
        losses[161] = losses[159] + 0.4;
        var truth = Of(losses);
        truth.SpikeStep.ShouldBe(160);
        truth.PeakStep.ShouldBe(161);
        truth.Step.ShouldBe(160);
    }

    [Fact]
    public void A_quiet_run_is_calm_and_one_that_runs_away_diverges()
    {
        Of(Falling(200)).IsCalm.ShouldBeTrue();

        double[] away = [.. Falling(150), .. Enumerable.Range(0, 50).Select(t => Math.Exp(0.2 * t))];
        var truth = Of(away, broke: 199);
        truth.DivergedStep.ShouldNotBeNull().ShouldBeInRange(155, 160);
        truth.NonFiniteStep.ShouldBe(199);
    }

    private static double[] Falling(int steps) => [.. Enumerable.Range(0, steps).Select(t => 0.3 + (2 * Math.Exp(-t / 40.0)))];

    private static InstabilityTruth Of(double[] losses, int? broke = null) => InstabilityTruth.Of(new Recording
    {
        Header = new RecordingHeader
        {
            Suite = "instability", Cell = "x", Seed = 0, HeldBack = false, Configuration = new RunConfiguration(), Layers = [],
            Facts = broke is { } step ? new() { [InstabilityTruth.NonFiniteFact] = step } : [],
        },
        Steps = [],
        Tracks = [],
        Probes = [],
        Curves = new() { [CurveName.LossOf(CurveName.Train)] = new Curve([.. Enumerable.Range(0, losses.Length)], losses) },
    });
}
