using TrainingMonitor.Estimation.Estimators;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Tests.Inputs;
using TrainingMonitor.Estimation.Tests.Oracle;

namespace TrainingMonitor.Estimation.Tests.Estimators;

public sealed class LagRegressionTests
{
    [Fact]
    public void Intercept_of_a_line_is_found_without_bias()
    {
        var random = new Random(2);
        var regression = default(LagRegression);
        double sum = 0, sumSq = 0;
        const int Batches = 4000;
        for (var t = 0; t < Batches + 20; t++)
        {
            var c = regression.Intercept(Sums(random, 30, -0.02, 0.3, () => Math.Pow(0.9, random.Next(40))));
            (double.IsFinite(c) || t < 20).ShouldBeTrue();
            (sum, sumSq) = t >= 20 ? (sum + c, sumSq + (c * c)) : (0, 0);
        }

        // Neighbours share the slope: the standard error is wider than that of independent values.
        (ZTest.Score(sum, sumSq, Batches, -0.02) / 3).ShouldBeInRange(-4, 4);
        (sum / Batches).ShouldBe(-0.02, 0.005);
    }

    [Fact]
    public void Falling_loss_while_overlap_rises_does_not_pass_for_overlap()
    {
        var random = new Random(3);
        var regression = default(LagRegression);
        for (var t = 0; t < 300; t++)
        {
            // Early: gain 1 and no overlap; later: gain 0 and overlap without effect. A regression pooled over batches would find κ < 0.
            var late = t / 300.0;
            var c = regression.Intercept(Sums(random, 30, 1 - late, 0, () => late * random.NextDouble()));
            c.ShouldBe(1 - late, 0.2);
        }
    }

    [Fact]
    public void One_lag_for_all_cannot_be_told_from_the_intercept()
    {
        var regression = default(LagRegression);
        double.IsNaN(regression.Intercept(Sums(new Random(1), 20, 0.1, 0.5, () => 0.4))).ShouldBeTrue();
    }

    [Fact]
    public void Examples_never_seen_need_no_correction()
    {
        var regression = default(LagRegression);
        var sums = Sums(new Random(1), 20, 0.1, 0.5, () => 0);
        regression.Intercept(sums).ShouldBe(sums.SumCross / 20, 1e-15);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e300)]
    public void Numbers_that_are_none_leave_no_trace(double bad)
    {
        var regression = default(LagRegression);
        var good = Sums(new Random(4), 20, 0.1, 0.5, new Random(5).NextDouble);
        var before = regression;
        before.Intercept(good);
        regression.Intercept(good with { SumCrossZ = bad }).ShouldBe(double.NaN);
        regression.Intercept(good with { Count = 0 }).ShouldBe(double.NaN);
        regression.Intercept(good).ShouldBe(default(LagRegression).Intercept(good));
    }

    private static LagSums Sums(Random random, int count, double c, double kappa, Func<double> overlap)
    {
        double cross = 0, z = 0, crossZ = 0, zSq = 0, crossSq = 0;
        for (var i = 0; i < count; i++)
        {
            var zi = overlap();
            var ci = c + (kappa * zi) + (0.2 * OracleData.Normal(random));
            (cross, z, crossZ, zSq, crossSq) = (cross + ci, z + zi, crossZ + (ci * zi), zSq + (zi * zi), crossSq + (ci * ci));
        }

        return new LagSums(count, cross, z, crossZ, zSq, crossSq);
    }
}
