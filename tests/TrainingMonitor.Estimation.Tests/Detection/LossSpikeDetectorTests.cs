using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Detection.Stability;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Estimation.Tests.Detection;

public sealed class LossSpikeDetectorTests
{
    [Fact]
    public void A_spike_fires_once_and_resolves_when_the_loss_is_back()
    {
        var bench = Bench();
        Train(bench, 300, t => (t is >= 200 and < 210 ? 3 : 0.5) + 0.02);
        bench.All.Select(finding => (finding.State, finding.Step)).ShouldBe([(FindingState.Firing, 201L), (FindingState.Resolved, 212L)]);
        bench.All[0].SinceStep.ShouldBe(200);
        bench.All[0].Summary.ShouldStartWith("The loss jumped to ");
        bench.All[0].Values["median_loss"].ShouldBe(0.52, 0.05);
    }

    [Fact]
    public void Precursors_are_in_the_sentence()
    {
        var bench = Bench();
        for (var t = 0; t < 120; t++)
        {
            bench.Next(t > 100 ? 5 : 1 + (0.01 * Math.Sin(t)));
            bench.With(RunSeries.RmsStaleness, t == 97 ? 3.4 : 1).With(RunSeries.UpdateNorm, t == 98 ? 0.5 : 0.2).Apply();
        }

        bench.All[0].Summary.ShouldEndWith("; before it RMS staleness reached 3.4 and the update norm 2.5 times its median.");
    }

    [Theory]
    [InlineData("one hard batch")]
    [InlineData("hard batches twice in three")]
    [InlineData("memorized")]
    [InlineData("heavy tails")]
    [InlineData("tiny losses")]
    [InlineData("falling")]
    [InlineData("constant")]
    public void No_spike(string kind)
    {
        var bench = Bench();
        var noise = Noise.Of(kind == "memorized" ? "normal" : "student3", 3).GetEnumerator();
        Train(bench, 5000, t =>
        {
            noise.MoveNext();
            return kind switch
            {
                "one hard batch" => t % 100 == 99 ? 4 : 0.5,
                "hard batches twice in three" => t % 100 is 97 or 99 ? 4 : 0.5,
                "memorized" => t < 5 ? 2.3 : 0.035 * Math.Exp(0.9 * noise.Current),
                "heavy tails" => 1.5 * Math.Exp(0.1 * noise.Current),
                "tiny losses" => t < 5 ? 2.3 : 1e-3 * Math.Exp(noise.Current),
                "falling" => 2.3 * Math.Exp(-t / 100.0),
                _ => 2.3,
            };
        });
        bench.All.ShouldBeEmpty();
    }

    // Highs are common in this run: two in a row happen by themselves, and six are a spike.
    [Fact]
    public void Where_single_hard_batches_are_common_more_in_a_row_are_asked_for()
    {
        var bench = Bench();
        var random = new Random(4);
        Train(bench, 5000, t => t is >= 4900 and < 4906 || random.NextDouble() < 0.03 ? 4 : 0.5 + (0.01 * Math.Sin(t)));
        bench.All[0].SinceStep.ShouldBe(4900);
        bench.All[0].Step.ShouldBe(4903);
    }

    [Fact]
    public void A_new_level_that_stays_resolves_when_the_window_knows_it()
    {
        var bench = Bench();
        Train(bench, 400, t => t < 200 ? 0.5 : 3);
        bench.All.Select(finding => finding.State).ShouldBe([FindingState.Firing, FindingState.Resolved]);
        bench.All[1].Step.ShouldBeInRange(230, 270);
    }

    [Fact]
    public void NaN_losses_are_left_out_and_the_state_survives_a_reload()
    {
        var (straight, reloaded) = (Bench(), Bench());
        Train(straight, 203, Loss);
        Train(reloaded, 150, Loss);
        reloaded.Reload();
        Train(reloaded, 53, Loss);
        reloaded.State().ShouldBe(straight.State());
        reloaded.All.ShouldHaveSingleItem().Summary.ShouldBe(straight.All.ShouldHaveSingleItem().Summary);

        static double Loss(long t) => t % 10 == 3 ? double.NaN : t >= 200 ? 3 : 0.5 + (0.01 * Math.Sin(t));
    }

    private static DetectorBench Bench() => new(() => new LossSpikeDetector());

    private static void Train(DetectorBench bench, int steps, Func<long, double> loss)
    {
        for (var i = 0; i < steps; i++)
        {
            bench.Next();
            bench.With(RunSeries.Loss, loss(bench.Step)).Apply();
        }
    }
}
