using TrainingMonitor.Cli.Rendering;
using TrainingMonitor.Cli.Tests.Support;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Tests.Rendering;

public sealed class AlertLineTests
{
    [Fact]
    public void A_firing_alert_says_what_to_do() => AlertLine.Text(Samples.Alert()).ShouldBe(
        "▲ warning memorization_onset at step 120: Training loss fell by 0.31 nats that did not help other examples. Stop here, or regularize.");

    [Fact]
    public void A_resolved_alert_does_not() => AlertLine.Text(Samples.Alert(state: AlertState.Resolved)).ShouldBe(
        "✓ warning resolved memorization_onset at step 120: Training loss fell by 0.31 nats that did not help other examples.");

    [Fact]
    public void A_layer_is_named()
    {
        var alert = Samples.Alert(rule: "nonfinite", severity: Severity.Critical);
        alert.Layer = "hidden[1]";

        CliRun.Draw(new Spectre.Console.Markup(AlertLine.Markup(alert, withRun: true)), 300).ShouldStartWith("▲ critical digits-1 nonfinite in hidden[1] at step 120: ");
    }
}
