using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Cli.Rendering;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Demo;

/// <summary>Progress as plain lines: for logs and pipes.</summary>
internal sealed class DemoLines(CliContext context, TextWriter output) : DemoProgress
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override void Started(Uri page, string job, string runId)
    {
        output.WriteLine($"Open {page}");
        output.WriteLine($"Training {job} as run {runId}.");
        output.Flush();
    }

    /// <inheritdoc/>
    public override async Task WatchAsync(QueryClient client, string runId, TrainingProcess training, CancellationToken stop)
    {
        var saidAt = long.MinValue;
        ulong newest = 0;
        await foreach (var update in RunUpdates.UntilEndAsync(client, runId, training, stop))
        {
            foreach (var alert in update.Alerts.Where(alert => alert.Ordinal > newest))
            {
                newest = alert.Ordinal;
                output.WriteLine(AlertLine.Text(alert));
            }

            if (saidAt == long.MinValue || context.Time.GetElapsedTime(saidAt) >= Interval)
            {
                saidAt = context.Time.GetTimestamp();
                output.WriteLine(Line(update));
            }

            await output.FlushAsync(stop);
        }
    }

    /// <inheritdoc/>
    public override void Ended(DemoSummary summary)
    {
        foreach (var line in SummaryLines.Of(summary))
        {
            output.WriteLine(line);
        }
    }

    private static string Line(RunUpdate update)
    {
        var run = update.Summary;
        var steps = run.PlannedSteps == 0 ? $"step {run.Step}" : $"step {run.Step}/{run.PlannedSteps}";
        var estimates = EstimateRows.Text(update.Estimates);
        return estimates.Length == 0 ? steps : $"{steps}  {estimates}";
    }
}
