using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Detection.Clocks;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Estimation.Tests.Detection.Clocks;

public sealed class ClockDetectorTests
{
    private readonly DetectorBench bench = new(() => new ClockDetector());

    [Fact]
    public void Canaries_alarm_with_their_evidence_and_the_turn_so_far()
    {
        for (var pass = 0; pass < 12; pass++)
        {
            for (var i = 0; i < 9; i++)
            {
                bench.Next().Apply();
            }

            bench.Next().With(RunSeries.CanaryEvidence, pass < 10 ? 4 : 9).With(RunSeries.CanaryAdvantage, 1.5).With(RunSeries.CanaryHeldOut, 1 + Math.Abs(pass - 5)).Apply();
        }

        var alarm = bench.Fired.ShouldHaveSingleItem();
        (alarm.Rule, alarm.Step, alarm.Value).ShouldBe((DetectionRule.CanariesMemorized, 109, 9));
        alarm.Values["onset_step"].ShouldBe(54, 5);
        alarm.Summary.ShouldContain("evidence 9 of 4.6 nats");
        alarm.Summary.ShouldContain("lowest at about step");
        bench.Segment(0);
        bench.Resolved.ShouldHaveSingleItem();
    }

    [Fact]
    public void Labels_known_by_heart_while_held_out_loss_still_falls_are_pending_once()
    {
        for (var pass = 0; pass < 8; pass++)
        {
            bench.Next().With(RunSeries.CanaryEvidence, 6).With(RunSeries.CanaryAdvantage, 1.5).With(RunSeries.CanaryHeldOut, 2 - (0.2 * pass)).Apply();
        }

        var pending = bench.All.ShouldHaveSingleItem();
        (pending.State, pending.Values["onset_step"]).ShouldBe((FindingState.Pending, double.NaN));
        pending.Summary.ShouldContain("has not turned yet");
        for (var pass = 0; pass < 4; pass++)
        {
            bench.Next().With(RunSeries.CanaryEvidence, 7).With(RunSeries.CanaryAdvantage, 2).With(RunSeries.CanaryHeldOut, 0.6 + (0.3 * pass)).Apply();
        }

        bench.Fired.ShouldHaveSingleItem().Values["onset_step"].ShouldBe(7, 1);
    }

    [Fact]
    public void Sentinels_alarm_when_the_same_examples_lose_and_resolve_when_they_are_as_low_again()
    {
        Evaluate(Rise(50, 0, 0), reference: 0);
        Evaluate(Rise(50, -0.1, 0.2), reference: 0);
        Evaluate(Rise(50, 0.02, 0.2), reference: 1);
        bench.All.ShouldBeEmpty();
        bench.Reload();
        Evaluate(Rise(50, 0.3, 0.4), reference: 1);
        var alarm = bench.Fired.ShouldHaveSingleItem();
        (alarm.Rule, alarm.Severity, alarm.Value).ShouldBe((DetectionRule.SentinelLossRising, FindingSeverity.Warning, 0.3));
        alarm.Summary.ShouldContain("Loss on 50 examples never trained on has risen by 0.3");
        Evaluate(Rise(50, 0.2, 0.4), reference: 1);
        bench.Resolved.ShouldBeEmpty();
        Evaluate(Rise(50, -0.1, 0.4), reference: 1);
        bench.Resolved.ShouldHaveSingleItem();
    }

    [Fact]
    public void A_handful_of_sentinels_or_a_rise_that_does_not_matter_alarms_nobody()
    {
        Evaluate(Rise(50, 0, 0), reference: 0);
        Evaluate(Rise(ClockDetector.LeastSentinels - 1, 2, 0.01), reference: 0);
        Evaluate(Rise(50, 0.01, 0.001), reference: 0);
        Evaluate(new ValueSums(50, double.NaN, double.NaN), reference: 0);
        Evaluate(new ValueSums(50, double.PositiveInfinity, double.PositiveInfinity), reference: 0);
        bench.All.ShouldBeEmpty();
    }

    /// <summary>Held-out loss stays where it is while each example's loss wanders: the lowest of many evaluations is the reference, and tails are heavy.</summary>
    [Theory]
    [InlineData(50, false)]
    [InlineData(50, true)]
    [InlineData(10, true)]
    public void Losses_that_wander_without_rising_alarm_in_at_most_one_run_of_twenty(int count, bool skewed)
    {
        const int Runs = 1000, Evaluations = 80;
        var random = new Random(count + (skewed ? 1 : 0));
        var alarms = 0;
        for (var run = 0; run < Runs; run++)
        {
            var own = new DetectorBench(() => new ClockDetector());
            var losses = Enumerable.Repeat(1.5, count).ToArray();
            var reference = losses.ToArray();
            for (var k = 0; k < Evaluations; k++)
            {
                for (var i = 0; i < count; i++)
                {
                    // Skewed: a rare large rise against frequent small falls, mean 0.
                    losses[i] += skewed ? (random.NextDouble() < 0.2 ? 0.4 : -0.1) * random.NextDouble() * 2 : random.NextDouble() - 0.5;
                }

                var rises = losses.Zip(reference, (now, before) => now - before).ToArray();
                var rise = new ValueSums(count, rises.Sum(), rises.Sum(r => r * r));
                Evaluate(own, rise, 0, 1.5);
                if (rise.Sum <= 0)
                {
                    losses.CopyTo(reference, 0);
                }
            }

            alarms += own.Fired.Any() ? 1 : 0;
        }

        ((double)alarms / Runs).ShouldBeLessThan(0.05);
    }

    private static ValueSums Rise(int count, double mean, double spread) => new(count, count * mean, (count * mean * mean) + ((count - 1) * spread * spread));

    private static void Evaluate(DetectorBench bench, ValueSums rise, long reference, double loss)
    {
        bench.Next();
        bench.Input.Sentinels = new SentinelSums(new(50, 50 * loss, 60 * loss * loss), default, 0, reference, rise);
        bench.Apply();
    }

    private void Evaluate(ValueSums rise, long reference) => Evaluate(bench, rise, reference, 1.5);
}
