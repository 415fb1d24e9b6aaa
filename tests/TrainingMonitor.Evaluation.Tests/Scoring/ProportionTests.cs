using MathNet.Numerics.Distributions;
using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Tests.Scoring;

public sealed class ProportionTests
{
    [Theory]
    [InlineData(0, 10)]
    [InlineData(3, 10)]
    [InlineData(57, 60)]
    [InlineData(60, 60)]
    public void Each_end_leaves_a_fortieth_outside(int count, int total)
    {
        var share = new Proportion(count, total);

        if (count > 0)
        {
            (1 - Binomial.CDF(share.Low, total, count - 1)).ShouldBe(0.025, 1e-6);
        }

        if (count < total)
        {
            Binomial.CDF(share.High, total, count).ShouldBe(0.025, 1e-6);
        }
    }

    [Fact]
    public void None_of_none_is_unknown() => new Proportion(0, 0).Value.ShouldBe(double.NaN);
}
