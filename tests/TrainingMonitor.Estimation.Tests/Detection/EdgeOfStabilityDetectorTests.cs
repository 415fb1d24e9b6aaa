using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Detection.Stability;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Estimation.Tests.Detection;

public sealed class EdgeOfStabilityDetectorTests
{
    private static readonly RunConfiguration GradientDescent = new() { Optimizer = OptimizerKind.Sgd, LearningRate = 0.05, Sampling = SamplingScheme.FullBatch };

    [Fact]
    public void Progressive_sharpening_up_to_the_threshold_fires_at_the_third_probe()
    {
        var bench = Bench();
        Probe(bench, 0.4, 0.6, 0.8, 0.97, 1.02, 0.99, 1.01, 1.00);
        var finding = bench.All.ShouldHaveSingleItem();
        finding.State.ShouldBe(FindingState.Firing);
        finding.Severity.ShouldBe(FindingSeverity.Info);
        finding.Step.ShouldBe(5);
        finding.SinceStep.ShouldBe(3);
        finding.Summary.ShouldBe("Sharpness 39.6 has met the optimizer's stability threshold 40 (ratio 0.99) after progressive sharpening from 0.40 of it at step 0: training is at the edge of stability.");
        finding.Values["stability_threshold"].ShouldBe(40, 1e-9);
    }

    [Fact]
    public void Touching_it_is_not_enough_and_NaN_probes_do_not_count()
    {
        var bench = Bench();
        Probe(bench, 0.5, 0.97, 0.9, 0.98, double.NaN, 0.99, 0.94);
        bench.All.ShouldBeEmpty();
    }

    [Fact]
    public void Falling_back_resolves_with_hysteresis()
    {
        var bench = Bench();
        Probe(bench, 1, 1, 1, 0.9, 0.9, 0.9, 0.84, 0.86, 0.8, 0.8, 0.8);
        bench.Reload();
        bench.All.Select(finding => (finding.State, finding.Step)).ShouldBe([(FindingState.Firing, 2L), (FindingState.Resolved, 10L)]);
    }

    [Fact]
    public void The_probe_of_the_optimizers_threshold_takes_over_from_others()
    {
        var bench = Bench();
        for (var i = 0; i < 6; i++)
        {
            bench.Next().Apply();
            bench.Probe(ProbeKind.BatchSharpness, 42, 1.05);
            bench.Probe(ProbeKind.Sharpness, 20, 0.5);
            bench.Probe(ProbeKind.HessianTrace, 900, 1.1);
        }

        bench.All.ShouldBeEmpty();
    }

    [Fact]
    public void A_new_segment_resolves_and_forgets()
    {
        var bench = Bench();
        Probe(bench, 1, 1, 1);
        bench.Segment(0);
        Probe(bench, 1, 1);
        bench.All.Select(finding => finding.State).ShouldBe([FindingState.Firing, FindingState.Resolved]);
    }

    [Theory]
    [InlineData(StabilityRegime.InBetween, 5.0, false)]
    [InlineData(StabilityRegime.AtTheEdge, 0.74, true)]
    [InlineData(StabilityRegime.Stable, 0.74, false)]
    public void The_regime_decides_where_the_ratio_alone_would_mislead(StabilityRegime regime, double ratio, bool fires)
    {
        var bench = Bench();
        for (var i = 0; i < 4; i++)
        {
            bench.Next();
            bench.With(RunSeries.StabilityRegime, (int)regime).Apply();
            bench.Probe(ProbeKind.BatchSharpness, 40 * ratio, ratio);
        }

        bench.Fired.Any().ShouldBe(fires);
    }

    private static DetectorBench Bench() => new(() => new EdgeOfStabilityDetector(), GradientDescent);

    private static void Probe(DetectorBench bench, params double[] ratios)
    {
        foreach (var ratio in ratios)
        {
            bench.Next();
            bench.With(RunSeries.LearningRate, 0.05).Apply();
            bench.Probe(ProbeKind.Sharpness, 40 * ratio, ratio);
        }
    }
}
