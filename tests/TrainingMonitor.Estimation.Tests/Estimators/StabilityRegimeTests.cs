using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Estimation.Tests.Estimators;

/// <summary>The regime series and the interval of the ratio, through the whole analysis.</summary>
public sealed class StabilityRegimeTests
{
    private static readonly RunConfiguration Full = new() { Optimizer = OptimizerKind.Sgd, LearningRate = 0.1, Sampling = SamplingScheme.FullBatch };
    private static readonly RunConfiguration Momentum = Full with { Sampling = SamplingScheme.Shuffled, Momentum = 0.9, DatasetSize = 1000, BatchSize = 200 };

    [Fact]
    public void Sharpening_meets_the_edge_and_stays()
    {
        double[] ratios = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, .. Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? 1.02 : 0.99)];
        var regimes = Regimes(Full, ProbeKind.Sharpness, 20, ratios);
        regimes[1].ShouldBe(StabilityRegime.Unknown);
        regimes[2..8].ShouldAllBe(r => r == StabilityRegime.ProgressiveSharpening);
        regimes[^8..].ShouldAllBe(r => r == StabilityRegime.AtTheEdge);
    }

    [Fact]
    public void A_level_below_is_stable_and_one_far_above_is_beyond()
    {
        Regimes(Full, ProbeKind.Sharpness, 20, 0.9, 0.9, 0.9, 0.901)[^1].ShouldBe(StabilityRegime.Stable);
        Regimes(Full, ProbeKind.Sharpness, 20, 1.5, 1.5, 1.5)[^1].ShouldBe(StabilityRegime.Beyond);
    }

    [Theory]
    [InlineData(OptimizerKind.AdamW, 0.9)]
    [InlineData(OptimizerKind.AdamW, 0.8)]
    [InlineData(OptimizerKind.RmsProp, 0)]
    public void Adaptive_optimizers_are_judged_by_their_own_recursion(OptimizerKind kind, double beta1)
    {
        var configuration = Full with { Optimizer = kind, Beta1 = beta1 };
        var threshold = StabilityThreshold.For(configuration, ProbeKind.PreconditionedSharpness, 0.1)!.Value.High;
        Regimes(configuration, ProbeKind.PreconditionedSharpness, threshold, 0.6, 0.6, 0.6)[^1].ShouldBe(StabilityRegime.Stable);
        Regimes(configuration, ProbeKind.PreconditionedSharpness, threshold, 0.99, 1.005, 1.001)[^1].ShouldBe(StabilityRegime.AtTheEdge);
        Regimes(configuration, ProbeKind.PreconditionedSharpness, threshold, 1.4, 1.4, 1.4)[^1].ShouldBe(StabilityRegime.Beyond);
    }

    [Fact]
    public void With_batch_sharpness_alone_momentum_has_two_edges_and_an_answer_between_them()
    {
        // Plateaus 2 and 38 at β = 0.9 and rate 0.1, given here in units of the lower one.
        Regimes(Momentum, ProbeKind.BatchSharpness, 2, 0.5, 0.5, 0.5)[^1].ShouldBe(StabilityRegime.Stable);
        Regimes(Momentum, ProbeKind.BatchSharpness, 2, 1.0, 1.05, 0.97)[^1].ShouldBe(StabilityRegime.AtTheEdge);
        Regimes(Momentum, ProbeKind.BatchSharpness, 2, 5, 5, 5)[^1].ShouldBe(StabilityRegime.InBetween);
        Regimes(Momentum, ProbeKind.BatchSharpness, 2, 19, 19, 19)[^1].ShouldBe(StabilityRegime.AtTheEdge);
        Regimes(Momentum, ProbeKind.BatchSharpness, 2, 30, 30, 30)[^1].ShouldBe(StabilityRegime.Beyond);
    }

    [Theory]
    [InlineData(20, StabilityRegime.InBetween)]
    [InlineData(38.5, StabilityRegime.AtTheEdge)]
    public void Between_the_plateaus_the_largest_eigenvalue_tells_the_edge(double sharpness, StabilityRegime expected)
    {
        var analysis = new RunAnalysis(Momentum);
        for (var t = 0; t < 4; t++)
        {
            analysis.ApplyProbe(new ProbeInput(ProbeKind.Sharpness, t, 0, sharpness, 0.1, true));
            analysis.ApplyProbe(new ProbeInput(ProbeKind.BatchSharpness, t, 0, 12, 0.1, true));
        }

        Regime(analysis).ShouldBe(expected);
    }

    [Fact]
    public void A_rise_within_the_errors_is_no_sharpening()
    {
        var analysis = new RunAnalysis(Full);
        for (var t = 0; t < 5; t++)
        {
            analysis.ApplyProbe(new ProbeInput(ProbeKind.Sharpness, t, 0, 10 + (0.3 * t), 2, true));
        }

        Regime(analysis).ShouldBe(StabilityRegime.Stable);
    }

    [Fact]
    public void The_ratio_is_that_of_the_optimizers_probe()
    {
        var analysis = new RunAnalysis(Momentum);
        analysis.ApplyProbe(new ProbeInput(ProbeKind.Sharpness, 3, 0, 19, 1, true));
        analysis.RunValues[(int)RunSeries.SharpnessRatio].ShouldBe(0.5, 1e-12);
        analysis.ApplyProbe(new ProbeInput(ProbeKind.BatchSharpness, 4, 0, 1, 0.1, true));
        analysis.ApplyProbe(new ProbeInput(ProbeKind.Sharpness, 4, 0, 36, 1, true));
        analysis.ApplyProbe(new ProbeInput(ProbeKind.HessianTrace, 4, 0, 900, 1, true));
        analysis.RunValues[(int)RunSeries.SharpnessRatio].ShouldBe(0.5, 1e-12);
        analysis.RunValues[(int)RunSeries.SharpnessRatioHigh].ShouldBe((1 + 0.16448536) / 2, 1e-7);
    }

    [Fact]
    public void The_interval_of_the_ratio_is_that_of_the_probe()
    {
        var analysis = new RunAnalysis(Full);
        analysis.ApplyProbe(new ProbeInput(ProbeKind.Sharpness, 0, 0, 18, 1, true));
        analysis.RunValues[(int)RunSeries.SharpnessRatioLow].ShouldBe((18 - 1.6448536) / 20, 1e-7);
        analysis.RunValues[(int)RunSeries.SharpnessRatioHigh].ShouldBe((18 + 1.6448536) / 20, 1e-7);
        analysis.ApplyProbe(new ProbeInput(ProbeKind.Sharpness, 1, 0, 18, double.NaN, true));
        analysis.RunValues[(int)RunSeries.SharpnessRatioLow].ShouldBe(double.NaN);
    }

    private static StabilityRegime[] Regimes(RunConfiguration configuration, ProbeKind kind, double unit, params double[] ratios)
    {
        var analysis = new RunAnalysis(configuration);
        return
        [
            .. ratios.Select((ratio, t) =>
            {
                analysis.ApplyProbe(new ProbeInput(kind, t, 0, unit * ratio, 0.001 * unit, true));
                return Regime(analysis);
            }),
        ];
    }

    private static StabilityRegime Regime(RunAnalysis analysis) => (StabilityRegime)analysis.RunValues[(int)RunSeries.StabilityRegime];
}
