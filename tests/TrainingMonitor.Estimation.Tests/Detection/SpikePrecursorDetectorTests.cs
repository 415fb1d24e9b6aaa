using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Detection.Stability;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Estimation.Tests.Detection;

public sealed class SpikePrecursorDetectorTests
{
    [Fact]
    public void Stale_second_moments_fire_at_the_second_step_and_resolve_when_updates_are_usual_again()
    {
        var bench = Bench();
        Train(bench, 200, t => Step(t, rms: t is >= 150 and < 156 ? 9 : 1, update: t is >= 150 and < 160 ? 0.03 : 0.01));
        bench.All.Select(finding => (finding.State, finding.Step)).ShouldBe([(FindingState.Firing, 151L), (FindingState.Resolved, 171L)]);
        bench.All[0].SinceStep.ShouldBe(150);
        bench.All[0].Severity.ShouldBe(FindingSeverity.Info);
        bench.All[0].Summary.ShouldContain("RMS staleness is ");
        bench.All[0].Values["rms_staleness"].ShouldBe(9, 0.1);
    }

    [Fact]
    public void Growing_gradients_and_updates_fire_without_second_moments()
    {
        var bench = Bench();
        Train(bench, 200, t => Step(t, rms: double.NaN, gradient: Math.Pow(1.5, Math.Max(0, t - 150)), update: 0.01 * Math.Pow(1.4, Math.Max(0, t - 150))));
        bench.All.ShouldHaveSingleItem().Step.ShouldBeInRange(152, 156);
        bench.All[0].Summary.ShouldContain("gradient norm");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Layers_that_join_bring_norms_of_their_own_and_are_no_sign(bool told)
    {
        var bench = Bench();
        Train(bench, 150, Grown);
        if (told)
        {
            bench.Detector.SetLayers([-1, -1, 0]);
        }

        Train(bench, 250, Grown);
        bench.All.Count.ShouldBe(told ? 0 : 2);
        Train(bench, 10, t => Step(t, rms: 20, gradient: 12, update: 0.3));
        bench.Fired.Count(finding => finding.Step >= 400).ShouldBe(1);

        static Values Grown(long t) => t < 150 ? Step(t, rms: 1) : Step(t, rms: t < 160 ? 5_000 : 1, gradient: 4, update: 0.09);
    }

    // One batch with a huge gradient: the momentum carries it into the updates of ten steps, but the gradients after it are as before.
    [Fact]
    public void A_single_hard_batch_is_no_sign()
    {
        var bench = Bench();
        Train(bench, 400, t => Step(t, rms: t % 150 == 149 ? 30 : 1, gradient: t % 150 == 149 ? 30 : 1, update: 0.01 + (t >= 149 ? 0.3 * Math.Pow(0.9, (t - 149) % 150) : 0)));
        bench.All.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_rate_beyond_all_before_fires_at_once_a_schedule_does_not(bool shock)
    {
        var bench = Bench();
        Train(bench, 1500, t =>
        {
            // Warm-up over 100 steps, then cosine restarts from 2% of the top.
            var rate = t < 100 ? (t + 1) / 100.0 : 0.02 + (0.49 * (1 + Math.Cos(Math.PI * (t % 400) / 400)));
            rate *= shock && t == 900 ? 30 : 1;
            return Step(t, rms: double.NaN, update: 0.01 * rate, rate: rate);
        });
        if (shock)
        {
            bench.All[0].Step.ShouldBe(900);
            bench.All[0].Summary.ShouldContain("the learning rate is ");
        }
        else
        {
            bench.All.ShouldBeEmpty();
        }
    }

    [Theory]
    [InlineData("normal")]
    [InlineData("student3")]
    [InlineData("autocorrelated")]
    [InlineData("growing scale")]
    public void Noise_is_silent_whatever_its_tails(string law)
    {
        var bench = Bench();
        using var noise = Noise.Of(law, 5).GetEnumerator();
        Train(bench, 20_000, t =>
        {
            noise.MoveNext();
            var size = Math.Abs(noise.Current) + 0.1;
            return Step(t, rms: size, gradient: size, update: 0.01 * size);
        });
        bench.All.ShouldBeEmpty();
    }

    [Fact]
    public void The_state_survives_a_reload_and_says_what_is_missing()
    {
        var (straight, reloaded) = (Bench(), Bench());
        Train(straight, 152, Grow);
        Train(reloaded, 151, Grow);
        reloaded.Reload();
        Train(reloaded, 1, Grow);
        reloaded.State().ShouldBe(straight.State());
        straight.All.ShouldHaveSingleItem().Missing.ShouldBe(["rms_staleness"]);
        reloaded.All.ShouldHaveSingleItem().Summary.ShouldBe(straight.All[0].Summary);

        static Values Grow(long t) => Step(t, rms: double.NaN, gradient: t >= 150 ? 3 : 1, update: t >= 150 ? 0.03 : 0.01);
    }

    private static Values Step(long t, double rms, double gradient = 1, double update = 0.01, double rate = 1) =>
        new(rms * (1 + (0.01 * Math.Sin(t))), gradient * (1 + (0.1 * Math.Sin(t))), update * (1 + (0.05 * Math.Cos(t))), rate);

    private static DetectorBench Bench() => new(() => new SpikePrecursorDetector(), new RunConfiguration { Optimizer = OptimizerKind.Adam });

    private static void Train(DetectorBench bench, int steps, Func<long, Values> next)
    {
        for (var i = 0; i < steps; i++)
        {
            bench.Next(1);
            var values = next(bench.Step);
            bench.With(RunSeries.RmsStaleness, values.Rms).With(RunSeries.GradNorm, values.Gradient)
                .With(RunSeries.UpdateNorm, values.Update).With(RunSeries.LearningRate, values.Rate).Apply();
        }
    }

    private readonly record struct Values(double Rms, double Gradient, double Update, double Rate);
}
