using TrainingMonitor.Cli.Rendering;
using TrainingMonitor.Cli.Tests.Support;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Tests.Rendering;

public sealed class RunViewTests
{
    private static readonly RunViewState State = new()
    {
        Summary = Samples.Run().Summary,
        Estimates = Samples.Run().Estimates,
        Series = [Samples.Series("loss", 2.3, 1.6, 1.0, 0.7, 0.4), Samples.Series("loo_ratio", 0.2, 0.4, double.NaN, 0.8)],
        Alerts = [Samples.Alert()],
    };

    [Fact]
    public void Shows_progress_estimates_charts_and_alerts()
    {
        var lines = CliRun.Draw(RunView.Of(State, 100), 100).Split('\n');

        lines[0].ShouldBe("digits-1  running  step 299/600  ███████████████░░░░░░░░░░░░░░░ 50 %");
        lines[1].ShouldBe("loss 0.412 · noise scale 12.3K · memorized nats 1.50");
        lines[2].ShouldStartWith("╭─Training loss 0.400");
        lines[2].ShouldContain("LOO ratio (do examples agree?) 0.800");
        lines[3].ShouldContain("2.30");
        lines[3].ShouldContain("1.00", customMessage: "the mark at 1 is kept in view");
        lines[^2].ShouldStartWith("▲ warning memorization_onset at step 120: Training loss fell by 0.31 nats");
    }

    [Fact]
    public void Leaves_out_what_has_no_data()
    {
        var text = CliRun.Draw(RunView.Of(State with { Series = [Samples.Series("sharpness_ratio", double.NaN)] }, 100), 100);

        text.ShouldNotContain("Sharpness");
        text.ShouldNotContain("Training loss 0.400");
    }

    [Fact]
    public void Says_that_there_are_no_alerts() =>
        CliRun.Draw(RunView.Of(State with { Alerts = [] }, 100), 100).ShouldEndWith("No alerts.");

    [Fact]
    public void Names_are_text_not_markup()
    {
        var hostile = State with { Summary = new RunSummary { RunId = "[red]x[/]", State = RunState.Failed } };

        CliRun.Draw(RunView.Of(hostile, 100), 100).ShouldStartWith("[red]x[/]  failed  step 0");
    }

    [Fact]
    public void An_update_adds_new_alerts_once()
    {
        var update = new RunUpdate { Summary = new RunSummary { RunId = "digits-1", Step = 400 }, Alerts = { Samples.Alert(1), Samples.Alert(2, AlertState.Resolved) } };

        var after = RunScreen.Apply(State, update);

        after.Summary.Step.ShouldBe(400UL);
        after.Alerts.Select(alert => alert.Ordinal).ShouldBe([1UL, 2UL]);
        after.Estimates.ShouldBe(State.Estimates, "an update without estimates keeps the old ones");
    }
}
