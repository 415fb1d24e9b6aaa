using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Estimation.Tests;

public sealed class StabilityThresholdTests
{
    private static readonly RunConfiguration Sgd = new() { Optimizer = OptimizerKind.Sgd, LearningRate = 0.1, Sampling = SamplingScheme.FullBatch };

    [Theory]
    [InlineData(0.0, false, 20)]
    [InlineData(0.9, false, 38)]
    [InlineData(0.9, true, 3.8 / 2.8 / 0.1)]
    public void Full_gradient_descent(double momentum, bool nesterov, double expected)
    {
        var threshold = StabilityThreshold.For(Sgd with { Momentum = momentum, Nesterov = nesterov }, ProbeKind.Sharpness, 0.1)!.Value;
        threshold.Low.ShouldBe(expected, 1e-12);
        threshold.High.ShouldBe(expected, 1e-12);

        // On a quadratic of this curvature the optimizer just oscillates; a little above it diverges.
        Grows(expected * 0.99, momentum, nesterov).ShouldBeFalse();
        Grows(expected * 1.01, momentum, nesterov).ShouldBeTrue();
    }

    [Theory]
    [InlineData(OptimizerKind.Adam, 0.9, 380)]
    [InlineData(OptimizerKind.AdamW, 0.95, 780)]
    [InlineData(OptimizerKind.RmsProp, 0.0, 20)]
    public void Adaptive_optimizers_by_the_preconditioned_curvature(OptimizerKind kind, double beta1, double expected)
    {
        var configuration = new RunConfiguration { Optimizer = kind, Beta1 = beta1 };
        StabilityThreshold.Preferred(configuration).ShouldBe(ProbeKind.PreconditionedSharpness);
        StabilityThreshold.For(configuration, ProbeKind.PreconditionedSharpness, 0.1)!.Value.Low.ShouldBe(expected, 1e-9);
        StabilityThreshold.For(configuration, ProbeKind.Sharpness, 0.1).ShouldBeNull();
    }

    [Fact]
    public void Minibatch_momentum_has_two_plateaus()
    {
        var configuration = Sgd with { Sampling = SamplingScheme.Shuffled, Momentum = 0.9 };
        StabilityThreshold.Preferred(configuration).ShouldBe(ProbeKind.BatchSharpness);
        var threshold = StabilityThreshold.For(configuration, ProbeKind.BatchSharpness, 0.1)!.Value;
        threshold.Low.ShouldBe(2, 1e-12);
        threshold.High.ShouldBe(38, 1e-12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Without_a_learning_rate_there_is_none(double rate) => StabilityThreshold.For(Sgd, ProbeKind.Sharpness, rate).ShouldBeNull();

    [Fact]
    public void Probes_show_at_once_and_at_the_next_step_only()
    {
        var analysis = new RunAnalysis(Sgd);
        var step = new StepInput();
        step[StepValue.LearningRate] = 0.05;
        analysis.Apply(step);
        analysis.ApplyProbe(new ProbeInput(ProbeKind.Sharpness, 1, 0, 30, 0.1, true));
        Ratio(analysis).ShouldBe(0.75, 1e-12);
        step.Step = 1;
        analysis.Apply(step);
        Ratio(analysis).ShouldBe(0.75, 1e-12);
        analysis.RunValues[(int)RunSeries.Sharpness].ShouldBe(30);
        step.Step = 2;
        analysis.Apply(step);
        Ratio(analysis).ShouldBe(double.NaN);
    }

    private static double Ratio(RunAnalysis analysis) => analysis.RunValues[(int)RunSeries.SharpnessRatio];

    private static bool Grows(double curvature, double momentum, bool nesterov)
    {
        double w = 1, buffer = 0;
        for (var t = 0; t < 3000; t++)
        {
            var gradient = curvature * w;
            buffer = (momentum * buffer) + gradient;
            w -= 0.1 * (nesterov ? gradient + (momentum * buffer) : buffer);
        }

        return Math.Abs(w) > 1;
    }
}
