using TrainingMonitor.Evaluation.Grokking;

namespace TrainingMonitor.Evaluation.Tests.Grokking;

public sealed class ForecastMethodTests
{
    [Theory]
    [InlineData(9, 1, 9)]
    [InlineData(19, 2, 18)]
    [InlineData(39, 4, 36)]
    public void Conformal_ends_leave_a_tenth_on_each_side(int count, double low, double high)
    {
        double[] values = [.. Enumerable.Range(1, count).Select(i => (double)i)];
        ForecastMethod.Lower(values).ShouldBe(low);
        ForecastMethod.Upper(values).ShouldBe(high);
    }

    [Fact]
    public void Too_few_runs_make_no_interval()
    {
        ForecastMethod.Lower([1, 2, 3]).ShouldBe(double.NegativeInfinity);
        ForecastMethod.Upper([1, 2, 3]).ShouldBe(double.PositiveInfinity);
    }
}
