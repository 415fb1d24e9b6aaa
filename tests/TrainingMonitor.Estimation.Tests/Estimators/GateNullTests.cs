using TrainingMonitor.Estimation.Estimators;
using TrainingMonitor.Estimation.Tests.Inputs;
using TrainingMonitor.Estimation.Tests.Oracle;

namespace TrainingMonitor.Estimation.Tests.Estimators;

public sealed class GateNullTests
{
    [Theory]
    [InlineData(1, 1, 0.5)]
    [InlineData(4, 2, 0.11611652351681559)]
    [InlineData(10, 1, 0.34089313230205975)]
    [InlineData(1e6, 1.9599639845400545, 0.05)]
    public void Students_tail_is_that_of_the_tables(double freedom, double x, double tail) =>
        StudentT.TwoSidedTail(freedom, x).ShouldBe(tail, 2e-6);

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(32)]
    public void Exact_gate_opens_under_noise_as_often_as_said(int units)
    {
        var random = new Random(units);
        const int Coordinates = 40_000;
        double open = 0;
        for (var k = 0; k < Coordinates; k++)
        {
            double sum = 0, squares = 0;
            for (var i = 0; i < units; i++)
            {
                var g = OracleData.Normal(random);
                (sum, squares) = (sum + g, squares + (g * g));
            }

            var mean = sum / units;
            open += mean * mean > ((squares / units) - (mean * mean)) / (units - 1) ? 1 : 0;
        }

        ZTest.Score(open, open, Coordinates, GateNull.Exact(units)).ShouldBeInRange(-4, 4);
    }

    [Theory]
    [InlineData(0.9, 0.999, 20)]
    [InlineData(0.9, 0.999, 100)]
    [InlineData(0.9, 0.999, 1000)]
    [InlineData(0.9, 0.98, 100)]
    [InlineData(0.9, 0.98, 400)]
    [InlineData(0.9, 0.95, 400)]
    [InlineData(0.8, 0.95, 400)]
    [InlineData(0.5, 0.999, 400)]
    public void Proxy_gate_opens_under_noise_as_often_as_said(double beta1, double beta2, int steps)
    {
        var random = new Random(steps);
        const int Coordinates = 60_000;
        double open = 0;
        for (var k = 0; k < Coordinates; k++)
        {
            double m = 0, v = 0;
            for (var t = 0; t < steps; t++)
            {
                var g = OracleData.Normal(random);
                m = (beta1 * m) + ((1 - beta1) * g);
                v = (beta2 * v) + ((1 - beta2) * g * g);
            }

            var moment = m / (1 - Math.Pow(beta1, steps));
            open += 2 * moment * moment > v / (1 - Math.Pow(beta2, steps)) ? 1 : 0;
        }

        var share = open / Coordinates;
        var said = GateNull.Proxy(beta1, beta2, steps);
        TestContext.Current.TestOutputHelper?.WriteLine($"beta1 {beta1} beta2 {beta2} steps {steps}: {share:0.00000}, said {said:0.00000}");
        
        // Four standard errors, and a tenth for the approximation (a quarter while there are few steps).
        share.ShouldBe(said, (4 * Math.Sqrt(said / Coordinates)) + ((steps < 50 ? 0.25 : 0.1) * said));
    }
}
