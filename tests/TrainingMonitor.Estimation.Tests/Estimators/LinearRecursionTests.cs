using TrainingMonitor.Estimation.Estimators;
using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Tests.Estimators;

/// <summary>The growth rate against the optimizers themselves, run on one direction of a quadratic.</summary>
public sealed class LinearRecursionTests
{
    private const double Rate = 0.1;

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(0.9, 0, false)]
    [InlineData(0.9, 0.3, false)]
    [InlineData(0.5, 0, true)]
    [InlineData(0.95, 0, true)]
    public void Sgd_grows_as_the_matrix_says(double momentum, double dampening, bool nesterov)
    {
        var configuration = new RunConfiguration { Optimizer = OptimizerKind.Sgd, Momentum = momentum, Dampening = dampening, Nesterov = nesterov, Sampling = SamplingScheme.FullBatch };
        foreach (var share in new[] { 0.1, 0.6, 0.99, 1.01, 1.2 })
        {
            var curvature = share * StabilityThreshold.For(configuration, ProbeKind.Sharpness, Rate)!.Value.High;
            LinearRecursion.Exponent(configuration, Rate * curvature).ShouldBe(Measured((buffer, g) =>
            {
                var m = (momentum * buffer) + ((1 - dampening) * g);
                return (m, Rate * (nesterov ? g + (momentum * m) : m));
            }, curvature), 2e-3, $"{share} of the threshold");
        }
    }

    [Theory]
    [InlineData(OptimizerKind.AdamW, 0.9)]
    [InlineData(OptimizerKind.Adam, 0.5)]
    [InlineData(OptimizerKind.RmsProp, 0)]
    public void Adaptive_optimizers_grow_as_the_matrix_says_with_a_standing_preconditioner(OptimizerKind kind, double beta1)
    {
        var configuration = new RunConfiguration { Optimizer = kind, Beta1 = beta1 };
        foreach (var share in new[] { 0.1, 0.6, 0.99, 1.01, 1.2 })
        {
            var curvature = share * StabilityThreshold.For(configuration, ProbeKind.PreconditionedSharpness, Rate)!.Value.High;
            LinearRecursion.Exponent(configuration, Rate * curvature).ShouldBe(Measured((m, g) =>
            {
                var next = (beta1 * m) + ((1 - beta1) * g);
                return (next, Rate * next);
            }, curvature), 2e-3, $"{share} of the threshold");
        }
    }

    [Theory]
    [InlineData(0, 0.04)]
    [InlineData(0.8, 0.04)]
    [InlineData(0.9, 0.02634)]
    public void What_counts_as_no_growth_is_half_of_a_stable_oscillations_decay(double momentum, double expected) =>
        LinearRecursion.Zero(new RunConfiguration { Optimizer = OptimizerKind.Sgd, Momentum = momentum }).ShouldBe(expected, 1e-5);

    // Growth a step over the last 3000 of 4000 steps; length of weight and buffer, scaled to 1 at each step.
    private static double Measured(Func<double, double, (double Buffer, double Update)> step, double curvature)
    {
        double w = 1, buffer = 0.3, sum = 0;
        for (var t = 0; t < 4000; t++)
        {
            (buffer, var update) = step(buffer, curvature * w);
            w -= update;
            var length = double.Hypot(w, Rate * buffer);
            (w, buffer) = (w / length, buffer / length);
            sum += t >= 1000 ? Math.Log(length) : 0;
        }

        return sum / 3000;
    }
}
