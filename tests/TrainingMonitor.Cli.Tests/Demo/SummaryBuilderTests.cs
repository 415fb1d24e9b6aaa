using TrainingMonitor.Cli.Demo;
using TrainingMonitor.Cli.Tests.Support;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Tests.Demo;

public sealed class SummaryBuilderTests
{
    [Fact]
    public void Alerts_are_the_first_firing_of_each()
    {
        var facts = Facts(
        [
            Samples.Alert(1, AlertState.Pending, step: 100),
            Samples.Alert(2, AlertState.Firing, step: 140),
            Samples.Alert(3, AlertState.Firing, step: 160, severity: Severity.Critical),
            Samples.Alert(4, AlertState.Resolved, step: 180),
            Samples.Alert(5, AlertState.Pending, "loss_spike", 200),
            Samples.Alert(6, AlertState.Firing, "stalled", 120),
        ]);

        SummaryBuilder.Alerts(facts).Select(alert => (alert.Rule, alert.Severity, alert.Step, alert.Epoch, alert.Resolved)).ShouldBe(
        [
            ("stalled", "warning", 120UL, 6.0, false),
            ("memorization_onset", "critical", 140UL, 7.0, true),
        ]);
    }

    [Fact]
    public void Delay_is_from_the_lowest_held_out_loss()
    {
        var facts = Facts([Samples.Alert(step: 50)], Samples.Series("held_out_loss", 2.0, 0.5, double.NaN, 0.6, 0.55), Samples.Series("held_out_accuracy", 0.1, 0.9));

        var heldOut = SummaryBuilder.HeldOutOf(facts, SummaryBuilder.Alerts(facts)).ShouldNotBeNull();

        heldOut.LowestStep.ShouldBe(5UL);
        heldOut.LowestEpoch.ShouldBe(0.25);
        heldOut.LastLoss.ShouldBe(0.55);
        heldOut.RiseAfterLowest.ShouldBe(0.2, 1e-12);
        heldOut.LastAccuracy.ShouldBe(0.9);
        heldOut.DelayEpochs.ShouldBe(2.25);
    }

    [Fact]
    public void Grokking_lead_is_up_to_a_fifth_of_the_held_out_examples()
    {
        var facts = Facts([Samples.Alert(rule: "grokking_on_its_way", step: 7)], Samples.Series("held_out_accuracy", 0, 0.05, 0.1, 0.2, 0.9));

        SummaryBuilder.GrokkingOf(facts, SummaryBuilder.Alerts(facts)).ShouldBe(new GrokkingLead(7, 0.05, 15, 8));
    }

    [Fact]
    public void Grokking_that_never_came_has_no_lead()
    {
        var facts = Facts([Samples.Alert(rule: "grokking_on_its_way", step: 7)]);

        SummaryBuilder.GrokkingOf(facts, SummaryBuilder.Alerts(facts)).ShouldBe(new GrokkingLead(7, null, null, null));
    }

    [Fact]
    public void Sharpness_has_its_threshold_and_the_median_of_the_last_quarter()
    {
        var facts = Facts([], Samples.Series("sharpness", 5, 10, 20, 21, 19, 22, 20, 21), Samples.Series("sharpness_ratio", 0.25, 0.5, 1, 1.05, 0.95, 1.1, 1, 1.05));

        var sharpness = SummaryBuilder.SharpnessOf(facts).ShouldNotBeNull();

        sharpness.Threshold.ShouldBe(20, 1e-9);
        sharpness.MedianRatio.ShouldBe(1.05);
    }

    [Fact]
    public void Nothing_measured_is_nothing_said()
    {
        var facts = Facts([]);

        SummaryBuilder.Alerts(facts).ShouldBeEmpty();
        SummaryBuilder.HeldOutOf(facts, []).ShouldBeNull();
        SummaryBuilder.GrokkingOf(facts, []).ShouldBeNull();
        SummaryBuilder.SharpnessOf(facts).ShouldBeNull();
    }

    [Fact]
    public void An_epoch_is_as_described()
    {
        SummaryBuilder.StepsPerEpoch(new RunDescription { DatasetSize = 1010, BatchSize = 50 }).ShouldBe(21);
        SummaryBuilder.StepsPerEpoch(new RunDescription { DatasetSize = 1000, BatchSize = 50, StepsPerEpoch = 7 }).ShouldBe(7);
        SummaryBuilder.StepsPerEpoch(new RunDescription { DatasetSize = 1000 }).ShouldBeNull();
        SummaryBuilder.StepsPerEpoch(null).ShouldBeNull();
    }

    private static DemoFacts Facts(IReadOnlyList<Alert> alerts, params Series[] series) => new(Samples.Run(), alerts, series);
}
