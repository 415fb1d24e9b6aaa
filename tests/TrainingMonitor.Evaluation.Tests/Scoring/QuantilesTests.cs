using TrainingMonitor.Evaluation.Scoring;

namespace TrainingMonitor.Evaluation.Tests.Scoring;

public sealed class QuantilesTests
{
    [Fact]
    public void Quartiles_lie_between_neighbours() => Quantiles.Of([4, 1, 3, 2]).ShouldBe(new Quantiles(1.75, 2.5, 3.25, 4));

    [Fact]
    public void Runs_without_an_alarm_count_as_infinitely_late()
    {
        var delays = Quantiles.Of([1, double.PositiveInfinity, double.PositiveInfinity]);

        delays.Median.ShouldBe(double.PositiveInfinity);
        Quantiles.Of([1, 1, double.PositiveInfinity]).Median.ShouldBe(1);
    }
}
