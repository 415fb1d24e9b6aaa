using TrainingMonitor.Estimation.Estimators;

namespace TrainingMonitor.Estimation.Tests.Estimators;

public sealed class LayerSumTests
{
    [Fact]
    public void Order_is_four_lanes_then_left_to_right()
    {
        var random = new Random(1);
        for (var length = 0; length < 40; length++)
        {
            var values = Enumerable.Range(0, length).Select(_ => random.NextDouble() * Math.Pow(10, random.Next(-8, 8))).ToArray();
            double[] lanes = [0, 0, 0, 0];
            for (var i = 0; i < length / 4 * 4; i++)
            {
                lanes[i % 4] += values[i];
            }

            var sum = lanes[0] + lanes[1] + lanes[2] + lanes[3];
            foreach (var value in values[(length / 4 * 4)..])
            {
                sum += value;
            }

            LayerSum.Of(values).ShouldBe(sum);
        }
    }

    [Fact]
    public void An_absent_column_has_no_sum()
    {
        double.IsNaN(LayerSum.OrAbsent([])).ShouldBeTrue();
        LayerSum.OrAbsent([2]).ShouldBe(2);
    }
}
