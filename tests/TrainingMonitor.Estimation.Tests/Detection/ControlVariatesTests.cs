using TrainingMonitor.Estimation.Detection.Statistics;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Tests.Detection;

public sealed class ControlVariatesTests
{
    private const int Count = 5000;

    [Fact]
    public void Half_of_what_the_controls_explain_is_taken_out_and_the_mean_stays()
    {
        var variates = new ControlVariates(2);
        var (sum, squares) = (0.0, 0.0);
        foreach (var (reading, controls) in Readings(0.3))
        {
            var left = variates.Add(reading, controls);
            sum += left;
            squares += left * left;
        }

        var mean = sum / Count;
        mean.ShouldBe(0.3, 0.03);
        // 1 − ¾R² = 0.4; forecasts that err and a regression of 100 readings cost the rest.
        ((squares / Count) - (mean * mean)).ShouldBeInRange(0.37, 0.52);
    }

    [Fact]
    public void The_explained_part_is_that_of_the_ridge_regression_on_the_past()
    {
        var variates = new ControlVariates(2);
        var random = new Random(4);
        double[,] a = new double[2, 2];
        double[] b = new double[2];
        var forecasts = new TrendForecast[2];
        var weight = 0.0;
        for (var step = 0; step < 300; step++)
        {
            double[] controls = [random.NextDouble(), random.NextDouble() + (0.01 * step)];
            var reading = controls[0] - (2 * controls[1]) + random.NextDouble();
            double[] c = [forecasts[0].Surprise(controls[0], 0.08), forecasts[1].Surprise(controls[1], 0.08)];
            var explained = 0.0;
            if (weight > 0)
            {
                var grow = 1.1 + (1 / weight);
                double a00 = Grown(a[0, 0], grow), a11 = Grown(a[1, 1], grow), determinant = (a00 * a11) - (a[0, 1] * a[0, 1]);
                explained = (((b[0] * a11) - (b[1] * a[0, 1])) / determinant * c[0]) + (((b[1] * a00) - (b[0] * a[0, 1])) / determinant * c[1]);
            }

            variates.Add(reading, controls).ShouldBe(reading - (0.5 * explained), 1e-9);
            weight = (0.99 * weight) + 1;
            for (var i = 0; i < 2; i++)
            {
                b[i] = (0.99 * b[i]) + (reading * c[i]);
                for (var j = 0; j < 2; j++)
                {
                    a[i, j] = (0.99 * a[i, j]) + (c[i] * c[j]);
                }
            }
        }
    }

    [Fact]
    public void Absent_and_constant_controls_explain_nothing()
    {
        var variates = new ControlVariates(2);
        foreach (var (reading, _) in Readings(0).Take(200))
        {
            variates.Add(reading, [double.NaN, 7]).ShouldBe(reading);
        }
    }

    [Fact]
    public void It_goes_on_from_its_state()
    {
        var (first, second) = (new ControlVariates(2), new ControlVariates(2));
        foreach (var (reading, controls) in Readings(0).Take(77))
        {
            first.Add(reading, controls);
        }

        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        first.Save(new StateWriter(buffer));
        var reader = new StateReader(buffer.WrittenSpan);
        second.Load(ref reader);
        foreach (var (reading, controls) in Readings(1).Take(50))
        {
            second.Add(reading, controls).ShouldBe(first.Add(reading, controls));
        }
    }

    [Fact]
    public void A_trend_is_forecast_without_lag()
    {
        var forecast = default(TrendForecast);
        var surprise = double.NaN;
        for (var step = 0; step < 400; step++)
        {
            surprise = forecast.Surprise(3 - (0.02 * step), 0.08);
        }

        surprise.ShouldBe(0, 1e-9);
        forecast.Surprise(double.NaN, 0.08).ShouldBe(0);
    }

    private static double Grown(double diagonal, double factor) => diagonal > 0 ? diagonal * factor : 1;

    // Unit variance around a mean, four fifths of it explained by two correlated controls with a trend.
    private static IEnumerable<(double Reading, double[] Controls)> Readings(double mean)
    {
        using var a = Noise.Of("normal", 21).GetEnumerator();
        using var b = Noise.Of("normal", 22).GetEnumerator();
        using var rest = Noise.Of("normal", 23).GetEnumerator();
        for (var step = 0; step < Count && a.MoveNext() && b.MoveNext() && rest.MoveNext(); step++)
        {
            var trend = 10 - (0.002 * step);
            yield return (mean + (0.632 * a.Current) + (0.632 * b.Current) + (0.447 * rest.Current), [trend + a.Current + (0.5 * b.Current), trend + b.Current]);
        }
    }
}
