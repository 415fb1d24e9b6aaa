using TrainingMonitor.Estimation.Detection.Statistics;

namespace TrainingMonitor.Estimation.Tests.Detection;

public sealed class StatisticsTests
{
    [Fact]
    public void The_e_detector_is_the_mixture_of_its_recursions()
    {
        var detector = new EDetector();
        double[] bets = [0.03, 0.08, 0.16, 0.32];
        var wealth = new double[4];
        foreach (var x in Noise.Of("normal", 1).Take(100))
        {
            detector.Add(x);
            for (var i = 0; i < 4; i++)
            {
                wealth[i] = (1 + wealth[i]) * (1 + (bets[i] * Math.Clamp(x, -3, 2)));
            }

            detector.Value.ShouldBe(wealth.Average(), 1e-9 * wealth.Average());
        }
    }

    // M_t − t is a martingale where inputs have mean zero: E M_50 = 50.
    [Fact]
    public void Under_the_null_the_statistic_grows_by_one_a_step()
    {
        var random = new Random(2);
        var sum = 0.0;
        const int Runs = 40_000;
        for (var run = 0; run < Runs; run++)
        {
            var detector = new EDetector();
            for (var t = 0; t < 50; t++)
            {
                detector.Add(random.Next(2) == 0 ? -1 : 1);
            }

            sum += detector.Value;
        }

        (sum / Runs).ShouldBe(50, 5);
    }

    // Conditional mean zero, whatever else: heavy tails, volatility that follows the past, all or nothing, and an adversary that looks at the statistic.
    [Theory]
    [InlineData("student3")]
    [InlineData("volatile")]
    [InlineData("all or nothing")]
    [InlineData("rare gains")]
    [InlineData("adversary")]
    public void Average_run_length_is_at_least_the_threshold(string law)
    {
        const double Threshold = 1000;
        const int Runs = 300;
        var total = 0.0;
        for (var run = 0; run < Runs; run++)
        {
            var detector = new EDetector();
            var random = new Random(run);
            var steps = 0;
            for (var last = 0.0; detector.Value < Threshold && steps < 20 * Threshold; steps++)
            {
                last = Null(law, random, last, detector.Value);
                detector.Add(last);
            }

            total += steps;
        }

        // Runs cut off make the mean smaller; its own error is at most 1000/√300, 6%.
        (total / Runs).ShouldBeGreaterThan(0.85 * Threshold);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(1000)]
    public void The_peak_window_has_the_largest_of_the_last_whole_blocks(int count)
    {
        var window = new PeakWindow();
        double[] all = [.. Noise.Of("student3", 8).Take(count)];
        foreach (var value in all)
        {
            window.Add(value);
        }

        var whole = count / PeakWindow.Block * PeakWindow.Block;
        window.Peak(1).ShouldBe(all[Math.Max(0, whole - (PeakWindow.Block * PeakWindow.Blocks))..whole].Max());
        double.IsNaN(window.Peak(window.Held)).ShouldBeFalse();
        double.IsNaN(window.Peak(window.Held + 1)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(100)]
    public void The_running_median_is_that_of_the_last_values(int count)
    {
        var median = new RunningMedian(16);
        var all = Noise.Of("student3", 3).Take(count).ToArray();
        foreach (var value in all)
        {
            median.Add(value);
        }

        var sorted = all.TakeLast(16).Order().ToArray();
        var expected = sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
        median.Median().ShouldBe(expected);
        var distances = sorted.Select(value => Math.Abs(value - expected)).Order().ToArray();
        median.Deviation(expected).ShouldBe(
            1.4826 * (distances.Length % 2 == 1 ? distances[distances.Length / 2] : (distances[(distances.Length / 2) - 1] + distances[distances.Length / 2]) / 2), 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(200)]
    public void Deviations_are_those_of_a_sort_with_ties_zeros_and_any_centre(int count)
    {
        var median = new RunningMedian(16);
        var random = new Random(count);
        var all = Enumerable.Range(0, count).Select(_ => Math.Round(4 * random.NextDouble())).ToArray();
        foreach (var value in all)
        {
            median.Add(value);
        }

        var last = all.TakeLast(16).ToArray();
        foreach (var centre in (double[])[0.5, 1, 2, 3.3, 9])
        {
            median.Deviation(centre).ShouldBe(1.4826 * Middle(last.Select(v => Math.Abs(v - centre))), 1e-12);
            median.LogDeviation(centre).ShouldBe(1.4826 * Middle(last.Select(v => v > 0 ? Math.Abs(Math.Log(v / centre)) : double.PositiveInfinity)), 1e-12);
        }

        static double Middle(IEnumerable<double> values)
        {
            var sorted = values.Order().ToArray();
            return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1000)]
    public void The_trend_buffer_keeps_the_line_of_any_length_of_history(int count)
    {
        var buffer = new TrendBuffer();
        for (var t = 0; t < count; t++)
        {
            buffer.Add(t, 3 + (0.5 * t));
        }

        buffer.Count.ShouldBeInRange(Math.Min(count, 32), 64);
        buffer.Steps[0].ShouldBeLessThan(Math.Max(1, count / 32.0));
        for (var i = 0; i < buffer.Count; i++)
        {
            buffer.Values[i].ShouldBe(3 + (0.5 * buffer.Steps[i]), 1e-9);
        }
    }

    [Fact]
    public void A_line_is_recovered_and_its_error_covers_the_truth()
    {
        var covered = 0;
        for (var seed = 0; seed < 400; seed++)
        {
            var noise = Noise.Of("autocorrelated", seed).Take(100).ToArray();
            double[] steps = [.. Enumerable.Range(0, 100).Select(t => 10.0 * t)];
            double[] values = [.. steps.Select((step, i) => 1 + (0.01 * step) + noise[i])];
            var trend = LinearTrend.Fit(steps, values);
            covered += Math.Abs(trend.Slope - 0.01) <= 2 * trend.StandardError ? 1 : 0;
        }

        // Two standard errors: 95% less what the estimated correlation costs.
        (covered / 400.0).ShouldBeInRange(0.88, 0.99);
    }

    [Fact]
    public void A_line_says_when_it_meets_a_level()
    {
        double[] steps = [0, 1, 2, 3];
        var trend = LinearTrend.Fit(steps, [0.1, 0.2, 0.3, 0.4]);
        trend.StepsTo(1).ShouldBe(6, 1e-9);
        trend.StepsTo(0.2).ShouldBe(0);
        trend.StepsTo(1, -1).ShouldBe(double.PositiveInfinity);
        Should.Throw<ArgumentException>(() => LinearTrend.Fit([0, 1], [0, 1]));
    }

    private static double Null(string law, Random random, double last, double value) => law switch
    {
        "student3" => Noise.Normal(random) / Math.Sqrt((Math.Pow(Noise.Normal(random), 2) + Math.Pow(Noise.Normal(random), 2) + Math.Pow(Noise.Normal(random), 2)) / 3),
        "volatile" => Noise.Normal(random) * (0.2 + Math.Min(2, Math.Abs(last))),
        "all or nothing" => random.NextDouble() < 0.6 ? 2 : -3,
        "rare gains" => random.NextDouble() < 1.0 / 21 ? 2 : -0.1,
        _ => value < 100 ? (random.NextDouble() < 0.6 ? 2 : -3) : (random.NextDouble() < 1.0 / 21 ? 2 : -0.1),
    };
}
