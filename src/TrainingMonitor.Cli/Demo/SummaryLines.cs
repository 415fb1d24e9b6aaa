using System.Globalization;
using TrainingMonitor.Cli.Rendering;

namespace TrainingMonitor.Cli.Demo;

/// <summary>The summary in sentences.</summary>
internal static class SummaryLines
{
    /// <summary>One line a fact.</summary>
    public static IEnumerable<string> Of(DemoSummary summary)
    {
        yield return Invariant($"The run {summary.State} after {summary.Steps} steps in {summary.Seconds:0} s.");
        foreach (var alert in summary.Alerts)
        {
            var epoch = alert.Epoch is { } value ? Invariant($" (epoch {value:0.0})") : "";
            yield return $"  {alert.Severity} {alert.Rule} at step {alert.Step}{epoch}{(alert.Resolved ? ", resolved" : "")}";
        }

        if (summary.Alerts.Count == 0)
        {
            yield return "  No alert fired.";
        }

        if (summary.HeldOut is { } heldOut)
        {
            var epoch = heldOut.LowestEpoch is { } value ? Invariant($" (epoch {value:0.0})") : "";
            yield return $"Held-out loss, which no detector saw: lowest {Numbers.Short(heldOut.LowestLoss)} at step {heldOut.LowestStep}{epoch}, {Numbers.Short(heldOut.LastLoss)} at the end.";
            if (heldOut.DelayEpochs is { } delay)
            {
                yield return delay >= 0
                    ? Invariant($"The memorization alert came {delay:0.0} epochs after the lowest held-out loss.")
                    : Invariant($"The memorization alert came {-delay:0.0} epochs before the lowest held-out loss.");
            }
        }

        if (summary.Grokking is { } grokking)
        {
            var accuracy = grokking.HeldOutAccuracyThen is { } then ? Invariant($", with held-out accuracy at {100 * then:0.#}%") : "";
            var lead = grokking.LeadSteps is { } steps ? $", {steps} steps before it passed 20%" : "";
            yield return $"Grokking was announced at step {grokking.AnnouncedStep}{accuracy}{lead}.";
        }

        if (summary.Sharpness is { } sharpness)
        {
            yield return Invariant($"Sharpness {Numbers.Short(sharpness.Last)} against a threshold of {Numbers.Short(sharpness.Threshold)}: {100 * sharpness.LastRatio:0}% now, {100 * sharpness.MedianRatio:0}% in the median of the last quarter.");
        }

        yield return $"Look at {summary.Page}";
        if (summary.DataFolder is { } folder)
        {
            yield return $"Kept in {folder}: 'trainmon serve --data {folder}' opens it again.";
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
