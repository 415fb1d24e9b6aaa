using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Detection.Grokking;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Estimation.Tests.Detection;

public sealed class GrokkingDetectorTests
{
    private static readonly RunConfiguration FullBatch = new() { Sampling = SamplingScheme.FullBatch, DatasetSize = 1000, BatchSize = 1000 };

    [Fact]
    public void A_straight_climb_is_forecast_then_begins()
    {
        var bench = Bench();
        Train(bench, 500, t => 0.3 + (0.002 * Math.Max(0, t - 100)));
        bench.All.Select(finding => (finding.Rule, finding.State)).ShouldBe([
            (DetectionRule.GrokkingOnItsWay, FindingState.Firing),
            (DetectionRule.Grokking, FindingState.Firing),
            (DetectionRule.GrokkingOnItsWay, FindingState.Resolved),
        ]);
        bench.All[0].Step.ShouldBeLessThan(300);
        bench.All[0].Values["ratio_one_step"].ShouldBe(450, 5);
        bench.All[0].Values["forecast_low"].ShouldBeLessThan(bench.All[0].Values["forecast_step"]);
        bench.All[1].Values["forecast_high"].ShouldBeGreaterThan(bench.All[1].Values["forecast_step"]);
        bench.All[0].Values["memorized_step"].ShouldBe(bench.All[0].SinceStep);
        bench.All[0].Summary.ShouldEndWith("grokking is on its way.");
    }

    [Theory]
    [InlineData("flat")]
    [InlineData("plateau")]
    [InlineData("slow drift")]
    [InlineData("falling")]
    public void What_does_not_reach_one_stays_memorized_and_is_never_on_its_way(string kind)
    {
        var bench = Bench();
        Train(bench, 3000, t => kind switch
        {
            "flat" => 0.4,
            "plateau" => 0.5 - (0.2 * Math.Exp(-Math.Max(0, t - 100) / 150.0)),
            "slow drift" => 0.3 + (1e-5 * t),
            _ => 0.7 - (1e-5 * t),
        });
        bench.All.ShouldHaveSingleItem().Rule.ShouldBe(DetectionRule.MemorizationStays);
        bench.All[0].Severity.ShouldBe(FindingSeverity.Warning);
        bench.All[0].Summary.ShouldEndWith("memorization stays.");
    }

    // Weight decay can hold ρ above 1 with nothing to learn: the level says nothing.
    [Fact]
    public void A_level_above_one_without_a_climb_says_nothing()
    {
        var bench = Bench();
        Train(bench, 2000, t => t < 100 ? 0.97 : 1.03 + (0.02 * Math.Sin(t / 20.0)));
        bench.All.ShouldBeEmpty();
    }

    [Fact]
    public void Learning_with_agreeing_gradients_is_not_memorization()
    {
        var bench = Bench();
        Train(bench, 2000, t => t < 150 ? 5 : 0.4);
        bench.All.ShouldBeEmpty();
    }

    [Fact]
    public void Noise_around_a_flat_ratio_is_no_climb()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var noise = Noise.Of("autocorrelated", seed).GetEnumerator();
            var bench = Bench();
            Train(bench, 2000, _ =>
            {
                noise.MoveNext();
                return 0.6 + (0.1 * noise.Current);
            });
            bench.All.ShouldNotContain(finding => finding.Rule == DetectionRule.GrokkingOnItsWay);
        }
    }

    [Fact]
    public void Ratios_of_a_vanished_loss_are_left_out()
    {
        var bench = Bench();
        Train(bench, 600, t => t < 400 ? 0.3 : 0.3 + (0.01 * (t - 400)), loss: t => t < 400 ? 4 * Math.Exp(-t / 30.0) : 1e-8);
        bench.All.ShouldNotContain(finding => finding.Rule != DetectionRule.MemorizationStays);
    }

    [Fact]
    public void A_climb_that_stops_resolves()
    {
        var bench = Bench();
        Train(bench, 1500, t => 0.3 + (0.002 * Math.Clamp(t - 100, 0, 200)));
        bench.All.Select(finding => (finding.Rule, finding.State)).Take(2).ShouldBe([
            (DetectionRule.GrokkingOnItsWay, FindingState.Firing), (DetectionRule.GrokkingOnItsWay, FindingState.Resolved)]);
        bench.All[1].Summary.ShouldStartWith("The climb has stopped");
    }

    [Fact]
    public void A_late_climb_takes_memorization_stays_back()
    {
        var bench = Bench();
        Train(bench, 3000, t => 0.3 + (0.001 * Math.Max(0, t - 1200)));
        bench.All.Select(finding => (finding.Rule, finding.State)).Take(3).ShouldBe([
            (DetectionRule.MemorizationStays, FindingState.Firing),
            (DetectionRule.GrokkingOnItsWay, FindingState.Firing),
            (DetectionRule.MemorizationStays, FindingState.Resolved),
        ]);
    }

    [Fact]
    public void Without_accuracy_the_loss_tells_that_the_run_fits()
    {
        var bench = Bench();
        Train(bench, 500, t => 0.3 + (0.002 * Math.Max(0, t - 100)), accuracy: _ => double.NaN);
        bench.Fired.First().Rule.ShouldBe(DetectionRule.GrokkingOnItsWay);
    }

    [Fact]
    public void Absent_ratios_say_nothing()
    {
        var bench = Bench();
        Train(bench, 500, _ => double.NaN);
        bench.All.ShouldBeEmpty();
    }

    [Fact]
    public void Sparse_ratios_are_enough()
    {
        var bench = Bench();
        Train(bench, 600, t => t % 16 != 0 ? double.NaN : 0.3 + (0.002 * Math.Max(0, t - 100)));
        bench.Fired.First().Rule.ShouldBe(DetectionRule.GrokkingOnItsWay);
    }

    [Fact]
    public void A_rewind_resolves_and_forgets()
    {
        var bench = Bench();
        Train(bench, 300, t => 0.3 + (0.002 * Math.Max(0, t - 100)));
        bench.Segment(0);
        bench.All[^1].State.ShouldBe(FindingState.Resolved);
        bench.State().ShouldBe(Bench().State());
    }

    [Theory]
    [InlineData(20)]
    [InlineData(150)]
    [InlineData(400)]
    public void A_saved_and_loaded_detector_goes_on_as_the_same(int at)
    {
        var (straight, reloaded) = (Bench(), Bench());
        Train(straight, 500, Climb);
        Train(reloaded, at, Climb);
        reloaded.Reload();
        Train(reloaded, 500 - at, Climb);
        reloaded.State().ShouldBe(straight.State());
        reloaded.All.Select(finding => finding.Summary).ShouldBe(straight.All.Select(finding => finding.Summary));

        static double Climb(long t) => 0.3 + (0.002 * Math.Max(0, t - 100));
    }

    private static DetectorBench Bench() => new(() => new GrokkingDetector(), FullBatch);

    // Fits the training set near step 80.
    private static void Train(
        DetectorBench bench, int steps, Func<long, double> ratio, Func<long, double>? loss = null, Func<long, double>? accuracy = null)
    {
        for (var i = 0; i < steps; i++)
        {
            bench.Next();
            bench.With(RunSeries.Loss, loss?.Invoke(bench.Step) ?? (0.01 + (4 * Math.Exp(-bench.Step / 30.0))))
                .With(RunSeries.Accuracy, accuracy?.Invoke(bench.Step) ?? Math.Min(1, bench.Step / 80.0))
                .With(RunSeries.LooRatio, ratio(bench.Step))
                .Apply();
        }
    }
}
