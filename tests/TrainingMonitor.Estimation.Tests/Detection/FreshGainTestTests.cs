using TrainingMonitor.Estimation.Detection.Memorization;

namespace TrainingMonitor.Estimation.Tests.Detection;

public sealed class FreshGainTestTests(ITestOutputHelper output)
{
    private const int Steps = 200_000;

    private static readonly double[] NoControls = [double.NaN, double.NaN, double.NaN, double.NaN];

    // The promise: over T readings of a null no more than T / 10⁴ alarms on average; three standard deviations above for the count's own noise.
    [Theory]
    [InlineData("normal")]
    [InlineData("student3")]
    [InlineData("growing scale")]
    [InlineData("bursts")]
    [InlineData("skewed up")]
    [InlineData("skewed down")]
    [InlineData("anticorrelated")]
    public void Average_run_length_on_nulls_is_at_least_ten_thousand(string law)
    {
        var alarms = Alarms(law, Steps, 0, 17);
        output.WriteLine($"{law}: {alarms} alarms in {Steps} readings, promised at most {Steps / FreshGainTest.AverageRunLength} on average");
        alarms.ShouldBeLessThanOrEqualTo((int)(Steps / FreshGainTest.AverageRunLength) + 13);
    }

    [Fact]
    public void A_lasting_harm_of_half_a_standard_deviation_is_found_within_a_hundred_readings()
    {
        var delays = Enumerable.Range(0, 200).Select(seed => Delay(seed, 0.5)).Order().ToArray();
        output.WriteLine($"median {delays[100]}, 90% {delays[180]}");
        delays[100].ShouldBeLessThan(100);
        delays[180].ShouldBeLessThan(170);
    }

    // Controls that go with the noise, skewed and on a falling level as those of real runs are, must not spend the promise.
    [Theory]
    [InlineData("normal")]
    [InlineData("skewed up")]
    [InlineData("student3")]
    public void Controls_keep_the_average_run_length(string law)
    {
        var test = new FreshGainTest();
        var (alarms, step) = (0, 0L);
        foreach (var (gain, controls) in WithControls(law, 11).Take(Steps))
        {
            test.Add(gain, controls, step++);
            if (test.Crossed)
            {
                alarms++;
                test.Restart(step);
            }
        }

        output.WriteLine($"{law}: {alarms} alarms in {Steps} readings");
        alarms.ShouldBeLessThanOrEqualTo((int)(Steps / FreshGainTest.AverageRunLength) + 13);
    }

    [Fact]
    public void Controls_that_explain_two_thirds_of_the_noise_shorten_the_delay_by_more_than_a_fifth()
    {
        double[] with = [.. Enumerable.Range(0, 60).Select(seed => DelayOf(WithControls("normal", seed), known: true)).Order()], without = [.. Enumerable.Range(0, 60).Select(seed => DelayOf(WithControls("normal", seed), known: false)).Order()];
        output.WriteLine($"median {with[30]} with, {without[30]} without");
        with[30].ShouldBeLessThan(0.8 * without[30]);
    }

    [Fact]
    public void The_onset_is_dated_close_to_the_change()
    {
        var test = new FreshGainTest();
        var step = 0L;
        foreach (var noise in Noise.Of("normal", 3).Take(300))
        {
            test.Add(noise, NoControls, step++);
        }

        foreach (var noise in Noise.Of("normal", 4))
        {
            test.Add(noise - 1, NoControls, step++);
            if (test.Crossed)
            {
                break;
            }
        }

        test.OnsetStep.ShouldBeInRange(280, 320);
    }

    [Fact]
    public void The_unit_of_the_gain_does_not_matter()
    {
        var (small, large) = (new FreshGainTest(), new FreshGainTest());
        var step = 0L;
        foreach (var noise in Noise.Of("normal", 5).Take(500))
        {
            small.Add(noise / 1024, NoControls, step);
            large.Add(noise * 1024, NoControls, step++);
        }

        small.Evidence.ShouldBe(large.Evidence, 1e-9);
    }

    // A gain of unit variance, 0.64 of it the noise of its second control.
    private static IEnumerable<(double Gain, double[] Controls)> WithControls(string law, int seed)
    {
        using var own = Noise.Of(law, seed + 1000).GetEnumerator();
        using var rest = Noise.Of(law, seed + 2000).GetEnumerator();
        using var other = Noise.Of("normal", seed + 3000).GetEnumerator();
        for (var step = 0; own.MoveNext() && rest.MoveNext() && other.MoveNext(); step++)
        {
            var level = 5 * Math.Exp(-step / 500.0);
            yield return ((0.8 * own.Current) + (0.6 * rest.Current), [level + (0.3 * other.Current), level + own.Current, double.NaN, level]);
        }
    }

    private static double DelayOf(IEnumerable<(double Gain, double[] Controls)> readings, bool known)
    {
        var test = new FreshGainTest();
        var step = 0L;
        foreach (var (gain, controls) in readings)
        {
            test.Add(gain - (step < 200 ? 0 : 0.25), known ? controls : NoControls, step++);
            if (step > 200 && test.Crossed)
            {
                return step - 200;
            }
        }

        throw new InvalidOperationException("Noise ended.");
    }

    private static int Alarms(string law, int steps, double shift, int seed)
    {
        var test = new FreshGainTest();
        var alarms = 0;
        var step = 0L;
        foreach (var noise in Noise.Of(law, seed).Take(steps))
        {
            test.Add(noise - shift, NoControls, step++);
            if (test.Crossed)
            {
                alarms++;
                test.Restart(step);
            }
        }

        return alarms;
    }

    private static int Delay(int seed, double shift)
    {
        var test = new FreshGainTest();
        var step = 0L;
        foreach (var noise in Noise.Of("normal", seed))
        {
            test.Add(noise - (step < 100 ? 0 : shift), NoControls, step++);
            if (step > 100 && test.Crossed)
            {
                return (int)step - 100;
            }
        }

        throw new InvalidOperationException("Noise ended.");
    }
}
