using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Detection.Memorization;
using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Tests.Detection;

public sealed class MemorizationDetectorTests
{
    private static readonly RunConfiguration Digits = new() { DatasetSize = 1000, BatchSize = 50, Sampling = SamplingScheme.Shuffled };

    [Fact]
    public void Falling_loss_that_harms_fresh_examples_fires_once_and_names_the_numbers()
    {
        var bench = Bench();
        Train(bench, 300, t => t < 100 ? 0.002 : -0.002);
        var finding = bench.All.ShouldHaveSingleItem();
        finding.State.ShouldBe(FindingState.Firing);
        finding.Severity.ShouldBe(FindingSeverity.Warning);
        finding.SinceStep.ShouldBeInRange(90, 115);
        finding.Step.ShouldBeLessThan(200);
        finding.Value.ShouldBeLessThan(finding.Threshold);
        finding.Values["evidence_nats"].ShouldBeGreaterThan(Math.Log(1e4));
        finding.Summary.ShouldContain("memorization has begun");
        finding.FalseAlarmControl.ShouldContain("10000");
        finding.Missing.ShouldNotContain("lag");
    }

    [Fact]
    public void Gains_around_zero_stay_silent()
    {
        var bench = Bench();
        Train(bench, 20_000, _ => 0, loss: _ => 1.6);
        bench.All.ShouldBeEmpty();
    }

    [Fact]
    public void Harm_too_small_in_nats_stays_silent_however_sure()
    {
        var bench = Bench();
        Train(bench, 5_000, _ => -0.0002, noise: 0.0002);
        bench.Fired.ShouldBeEmpty();
    }

    [Fact]
    public void Harm_while_training_loss_does_not_fall_stays_silent()
    {
        var bench = Bench();
        Train(bench, 1_000, _ => -0.002, loss: t => 1 + (0.001 * t));
        bench.All.ShouldBeEmpty();
    }

    [Fact]
    public void One_pass_over_the_data_is_not_its_business()
    {
        var bench = Bench(Digits with { Sampling = SamplingScheme.Streaming });
        Train(bench, 600, _ => -0.003);
        bench.All.ShouldBeEmpty();
    }

    [Fact]
    public void Of_full_batches_it_says_once_that_it_cannot_tell()
    {
        var bench = Bench(Digits with { Sampling = SamplingScheme.FullBatch });
        Train(bench, 600, _ => -0.003);
        var finding = bench.All.ShouldHaveSingleItem();
        finding.State.ShouldBe(FindingState.Pending);
        finding.Summary.ShouldContain("the whole training set");
        finding.Missing.ShouldBeEmpty();
    }

    [Fact]
    public void The_reading_reaches_one_where_the_alarm_comes()
    {
        var bench = Bench();
        var readings = new List<(bool Fired, MemorizationReading Reading)>();
        Train(bench, 300, t => t < 100 ? 0.002 : -0.002, after: detector => readings.Add((bench.All.Count > 0, detector.Reading)));
        var first = readings.FindIndex(r => r.Fired);
        readings.FindIndex(r => r.Reading.Evidence >= Math.Log(FreshGainTest.AverageRunLength) && r.Reading.Material >= 1).ShouldBe(first);
    }

    [Fact]
    public void Without_the_statistics_it_says_once_what_is_missing_and_never_fires()
    {
        var bench = Bench(new RunConfiguration());
        for (var t = 0; t < 1000; t++)
        {
            bench.Next(2.3 * Math.Exp(-t / 200.0)).Apply();
        }

        var finding = bench.All.ShouldHaveSingleItem();
        finding.State.ShouldBe(FindingState.Pending);
        finding.Missing.ShouldBe(["own", "cross", "self_second_moment", "self_mean_sq", "lag", "sampling", "dataset_size"]);
        finding.Summary.ShouldContain("cannot be told");
        bench.End();
        bench.All[^1].State.ShouldBe(FindingState.Resolved);
    }

    [Fact]
    public void Readings_that_cannot_tell_are_as_good_as_absent()
    {
        var bench = Bench(Digits with { Sampling = SamplingScheme.Unknown });
        for (var t = 0; t < 1000; t++)
        {
            bench.Next(2.3 * Math.Exp(-t / 200.0));
            bench.Transfer = Reading(-0.01, 1) with { FreshGain = double.NaN };
            bench.Apply();
        }

        bench.All.ShouldHaveSingleItem().State.ShouldBe(FindingState.Pending);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void Thinned_pairs_stand_for_the_steps_between(int interval)
    {
        var bench = Bench();
        Train(bench, 1_000, t => t < 100 ? 0.002 : -0.002, every: interval);
        bench.Fired.ShouldHaveSingleItem().Step.ShouldBeLessThan(100 + (100 * interval));
    }

    [Fact]
    public void Of_a_run_that_has_fit_it_says_that_it_cannot_tell_until_the_loss_rises_again()
    {
        var bench = Bench();
        Train(bench, 900, _ => 0.0001, loss: t => t < 800 ? 2.3 * Math.Exp(-t / 100.0) : 1);
        bench.All.Select(finding => finding.State).ShouldBe([FindingState.Pending, FindingState.Resolved]);
        bench.All[0].Step.ShouldBeInRange(391, 450);
        bench.All[0].Summary.ShouldContain("cannot be told");
        bench.All[1].Step.ShouldBeInRange(800, 815);
    }

    // Far above 1 the mean gradient is signal: a little harm is then more likely the half-sum's error than memorization, a lot of it is not.
    [Theory]
    [InlineData(10, -0.002, true)]
    [InlineData(14, -0.002, false)]
    [InlineData(14, -0.02, true)]
    public void Harm_at_a_large_loo_ratio_must_be_large(double looRatio, double harm, bool fires)
    {
        var bench = Bench();
        Train(bench, 400, t => t < 100 ? 0.002 : harm, looRatio: looRatio);
        bench.Fired.Count().ShouldBe(fires ? 1 : 0);
    }

    [Fact]
    public void Of_steps_whose_half_sum_contradicts_the_loss_it_says_that_it_cannot_tell_until_they_agree()
    {
        var bench = Bench();
        Train(bench, 2000, t => t < 300 ? 0.03 : 0.0005, loss: _ => 2.3);
        bench.All.Select(finding => finding.State).ShouldBe([FindingState.Pending, FindingState.Resolved]);
        bench.All[0].Step.ShouldBeInRange(80, 200);
        bench.All[0].Value.ShouldBeGreaterThan(bench.All[0].Threshold);
        bench.All[0].Summary.ShouldContain("too large to be judged by them");
        bench.All[1].Step.ShouldBeGreaterThan(300);
    }

    [Fact]
    public void Help_again_resolves()
    {
        var bench = Bench();
        Train(bench, 900, t => t is < 100 or > 300 ? 0.002 : -0.002);
        bench.All.Take(2).Select(finding => finding.State).ShouldBe([FindingState.Firing, FindingState.Resolved]);
        bench.All[1].Step.ShouldBeInRange(301, 450);
    }

    [Fact]
    public void A_rewind_resolves_and_starts_afresh()
    {
        var bench = Bench();
        Train(bench, 300, t => t < 100 ? 0.002 : -0.002);
        bench.Segment(50);
        bench.All[^1].State.ShouldBe(FindingState.Resolved);
        Train(bench, 20, _ => -0.002);
        bench.All.Count.ShouldBe(2);
        Train(bench, 300, _ => -0.002);
        bench.All.Count.ShouldBe(3);
    }

    [Fact]
    public void Values_that_are_not_finite_are_left_out()
    {
        var bench = Bench();
        Train(bench, 300, t => t % 7 == 0 ? double.NaN : t < 100 ? 0.002 : -0.002, loss: t => t % 11 == 0 ? double.NaN : 2.3 * Math.Exp(-t / 200.0));
        bench.Fired.ShouldHaveSingleItem();
        double.IsFinite(bench.All[0].Value).ShouldBeTrue();
    }

    [Theory]
    [InlineData(5)]
    [InlineData(110)]
    [InlineData(250)]
    public void A_saved_and_loaded_detector_goes_on_as_the_same(int at)
    {
        var (straight, reloaded) = (Bench(), Bench());
        Train(straight, 600, Gain);
        Train(reloaded, at, Gain);
        reloaded.Reload();
        Train(reloaded, 600 - at, Gain, seed: 1 + at);
        var again = Bench();
        Train(again, at, Gain);
        Train(again, 600 - at, Gain, seed: 1 + at);
        again.State().ShouldBe(reloaded.State());
        again.All.Select(finding => finding.Summary).ShouldBe(reloaded.All.Select(finding => finding.Summary));
        straight.All.ShouldNotBeEmpty();

        static double Gain(long t) => t is < 100 or > 300 ? 0.002 : -0.002;
    }

    [Fact]
    public void A_step_without_news_allocates_nothing()
    {
        var bench = Bench();
        Train(bench, 200, _ => 0.001);
        var sink = new FindingSink();
        var values = new double[Series.SeriesCatalog.RunCount];
        Array.Fill(values, 1.0);
        var context = new DetectorContext(bench.Input, values, default, [], Digits) { Step = 201, Transfer = Reading(0.001, 1) };
        bench.Detector.Apply(context, sink);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            bench.Detector.Apply(context, sink);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static DetectorBench Bench(RunConfiguration? configuration = null) => new(() => new MemorizationDetector(), configuration ?? Digits);

    private static TransferReading Reading(double gain, double steps) => new()
    {
        Usable = true,
        Own = 0.01,
        OwnLoo = gain,
        Cross = gain,
        FreshCross = gain,
        Gain = gain,
        FreshGain = gain,
        Steps = steps,
        LagCorrected = true,
    };

    private static void Train(
        DetectorBench bench, int steps, Func<long, double> gain, Func<long, double>? loss = null, double noise = 0.002, int every = 1, int seed = 1,
        Action<MemorizationDetector>? after = null, double looRatio = double.NaN)
    {
        var random = new Random(seed);
        for (var i = 0; i < steps; i++)
        {
            bench.Next();
            bench.With(Series.RunSeries.Loss, loss?.Invoke(bench.Step) ?? (2.3 * Math.Exp(-bench.Step / 200.0)));
            bench.With(Series.RunSeries.LooRatio, looRatio);
            bench.Input.HasLag = true;
            foreach (var statistic in (LayerStatistic[])[LayerStatistic.Own, LayerStatistic.Cross, LayerStatistic.SelfSecondMoment, LayerStatistic.SelfMeanSq])
            {
                bench.Input.AddColumn(statistic);
            }

            if (bench.Step % every == 0)
            {
                bench.Transfer = Reading(gain(bench.Step) + (noise * Noise.Normal(random)), every);
            }

            bench.Apply();
            after?.Invoke((MemorizationDetector)bench.Detector);
        }
    }
}
