using TrainingMonitor.Estimation.Estimators;
using TrainingMonitor.Estimation.Tests.Oracle;

namespace TrainingMonitor.Estimation.Tests.Estimators;

/// <summary>How often the 90% interval of the noise scale has the truth, simulated with Gaussian gradients: ‖ḡ‖² and mean ‖g_i‖² of M units in D
/// dimensions from their exact laws, and a signal that may drift as a first-order autoregression around its mean.</summary>
public sealed class NoiseIntervalCoverageTests
{
    [Theory]
    [InlineData(50, 1000, 0.05, 0.0)]
    [InlineData(50, 1000, 0.3, 0.0)]
    [InlineData(8, 200, 0.2, 0.0)]
    [InlineData(8, 10, 0.5, 0.0)]
    [InlineData(50, 1000, 0.05, 0.5)]
    [InlineData(50, 1000, 0.05, 0.8)]
    public void Interval_has_the_truth_in_about_nine_of_ten(int units, int dimension, double signal, double autocorrelation)
    {
        var random = new Random(5);
        var covered = 0;
        const int Runs = 400, Steps = 250;
        for (var run = 0; run < Runs; run++)
        {
            var moments = default(PairMoments);
            double drift = 0;
            for (var t = 0; t < Steps; t++)
            {
                // The squared signal moves by up to tens of percent around its mean and forgets with the given autocorrelation.
                drift = (autocorrelation * drift) + (Math.Sqrt(1 - (autocorrelation * autocorrelation)) * OracleData.Normal(random));
                var strength = autocorrelation > 0 ? signal * Math.Max(0, 1 + (0.5 * drift)) : signal;

                // ḡ = G + noise of variance 1/M a coordinate; the spread of the units around ḡ is χ² with D(M−1) degrees of freedom.
                var along = Math.Sqrt(strength) + (OracleData.Normal(random) / Math.Sqrt(units));
                var mean = (along * along) + (ChiSquare(dimension - 1, random) / units);
                var spread = ChiSquare((double)dimension * (units - 1), random) / units;
                double example = mean + spread;
                moments.Add(((units * mean) - example) / (units - 1), units * (example - mean) / (units - 1), NoiseEstimator.Decay);
            }

            var truth = dimension / signal;
            var (low, high) = RatioInterval.Of(moments);
            covered += truth >= low && truth <= high ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"M {units}, D {dimension}, |G|^2 {signal}, autocorrelation {autocorrelation}: {covered / (double)Runs:0.000}");

        // Standard error of the share is 1.5%. Drift beyond the average's memory costs a few points.
        (covered / (double)Runs).ShouldBeInRange(autocorrelation > 0 ? 0.82 : 0.85, 0.97);
    }

    // Wilson and Hilferty's cube for many degrees of freedom, squares of normals for few.
    private static double ChiSquare(double freedom, Random random)
    {
        if (freedom > 60)
        {
            var a = 2 / (9 * freedom);
            return freedom * Math.Pow(1 - a + (Math.Sqrt(a) * OracleData.Normal(random)), 3);
        }

        double sum = 0;
        for (var i = 0; i < freedom; i++)
        {
            var x = OracleData.Normal(random);
            sum += x * x;
        }

        return sum;
    }
}
