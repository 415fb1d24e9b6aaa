using TrainingMonitor.Estimation.Detection.Memorization;

namespace TrainingMonitor.Estimation.Tests.Detection;

public sealed class FreshGainTestTests(ITestOutputHelper output)
{
    private const int Steps = 200_000;

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
        delays[100].ShouldBeLessThan(80);
        delays[180].ShouldBeLessThan(150);
    }

    [Fact]
    public void The_onset_is_dated_close_to_the_change()
    {
        var test = new FreshGainTest();
        var step = 0L;
        foreach (var noise in Noise.Of("normal", 3).Take(300))
        {
            test.Add(noise, step++);
        }

        foreach (var noise in Noise.Of("normal", 4))
        {
            test.Add(noise - 1, step++);
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
            small.Add(noise / 1024, step);
            large.Add(noise * 1024, step++);
        }

        small.Evidence.ShouldBe(large.Evidence, 1e-9);
    }

    private static int Alarms(string law, int steps, double shift, int seed)
    {
        var test = new FreshGainTest();
        var alarms = 0;
        var step = 0L;
        foreach (var noise in Noise.Of(law, seed).Take(steps))
        {
            test.Add(noise - shift, step++);
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
            test.Add(noise - (step < 100 ? 0 : shift), step++);
            if (step > 100 && test.Crossed)
            {
                return (int)step - 100;
            }
        }

        throw new InvalidOperationException("Noise ended.");
    }
}
