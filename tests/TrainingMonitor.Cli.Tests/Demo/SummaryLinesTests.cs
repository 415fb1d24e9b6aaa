using TrainingMonitor.Cli.Demo;

namespace TrainingMonitor.Cli.Tests.Demo;

public sealed class SummaryLinesTests
{
    [Fact]
    public void Says_everything_that_is_known()
    {
        var summary = new DemoSummary
        {
            RunId = "r",
            Job = "digits-noise",
            Seed = 0,
            Steps = 600,
            Seconds = 41.6,
            State = "finished",
            Alerts = [new DemoAlert("memorization_onset", null, "warning", 140, 7, false, "…"), new DemoAlert("loss_spike", null, "info", 300, null, true, "…")],
            HeldOut = new HeldOut(100, 5, 0.5731, 1.123, 0.9, 0.8, 2),
            Grokking = new GrokkingLead(300, 0.012, 900, 600),
            Sharpness = new SharpnessSummary(20.4, 20, 1.02, 1.03),
            Estimates = new Dictionary<string, double>(),
            Page = "http://127.0.0.1:4651/runs/r",
            DataFolder = "/data",
        };

        SummaryLines.Of(summary).ShouldBe(
        [
            "The run finished after 600 steps in 42 s.",
            "  warning memorization_onset at step 140 (epoch 7.0)",
            "  info loss_spike at step 300, resolved",
            "Held-out loss, which no detector saw: lowest 0.573 at step 100 (epoch 5.0), 1.12 at the end.",
            "The memorization alert came 2.0 epochs after the lowest held-out loss.",
            "Grokking was announced at step 300, with held-out accuracy at 1.2%, 600 steps before it passed 20%.",
            "Sharpness 20.4 against a threshold of 20.0: 102% now, 103% in the median of the last quarter.",
            "Look at http://127.0.0.1:4651/runs/r",
            "Kept in /data: 'trainmon serve --data /data' opens it again.",
        ]);
    }
}
