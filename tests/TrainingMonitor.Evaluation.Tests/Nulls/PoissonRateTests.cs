using TrainingMonitor.Evaluation.Nulls;

namespace TrainingMonitor.Evaluation.Tests.Nulls;

public sealed class PoissonRateTests
{
    // Garwood's table: none gives [0, 3.69], three [0.62, 8.77].
    [Theory]
    [InlineData(0, 0, 3.689)]
    [InlineData(3, 0.6187, 8.767)]
    public void The_interval_is_exact(int count, double low, double high)
    {
        var rate = new PoissonRate(count, 1_000_000);

        rate.Low.ShouldBe(low, 1e-3);
        rate.High.ShouldBe(high, 1e-3);
    }
}
