using Spectre.Console;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Rendering;

/// <summary>Keeps a run on the screen while it moves.</summary>
internal static class RunScreen
{
    private const uint ChartBuckets = 120;
    private static readonly TimeSpan ChartInterval = TimeSpan.FromSeconds(1);

    /// <summary>Everything the view needs, asked for once.</summary>
    public static async Task<RunViewState> StateAsync(QueryClient client, RunDetail detail, CancellationToken stop)
    {
        var alerts = await client.AskAsync(q => q.ListAlertsAsync(new ListAlertsRequest { RunId = detail.Summary.RunId }, cancellationToken: stop));
        return new RunViewState
        {
            Summary = detail.Summary,
            Estimates = detail.Estimates,
            Alerts = alerts.Alerts,
            Series = await SeriesAsync(client, detail.Summary.RunId, stop),
        };
    }

    /// <summary>The series of the charts.</summary>
    public static async Task<IReadOnlyList<Series>> SeriesAsync(QueryClient client, string runId, CancellationToken stop)
    {
        var request = new SeriesRequest { RunId = runId, MaxBuckets = ChartBuckets };
        request.Names.AddRange(ChartSpec.All.Select(spec => spec.Series));
        return (await client.AskAsync(q => q.GetSeriesAsync(request, cancellationToken: stop))).Series;
    }

    /// <summary>Shows the run until it ends or Ctrl-C.</summary>
    public static async Task ShowAsync(CliContext context, QueryClient client, string runId, CancellationToken stop)
    {
        var detail = await client.AskAsync(q => q.GetRunAsync(new GetRunRequest { RunId = runId }, cancellationToken: stop));
        var state = await StateAsync(client, detail, stop);
        var width = context.Console.Profile.Width;
        await context.Console.Live(RunView.Of(state, width)).StartAsync(async screen =>
        {
            var chartsAt = context.Time.GetTimestamp();
            try
            {
                await foreach (var update in client.StreamAsync(q => q.WatchRun(new WatchRunRequest { RunId = runId }, cancellationToken: stop), stop))
                {
                    state = Apply(state, update);
                    if (context.Time.GetElapsedTime(chartsAt) >= ChartInterval)
                    {
                        state = state with { Series = await SeriesAsync(client, runId, stop) };
                        chartsAt = context.Time.GetTimestamp();
                    }

                    screen.UpdateTarget(RunView.Of(state, width));
                }

                state = state with { Series = await SeriesAsync(client, runId, stop) };
                screen.UpdateTarget(RunView.Of(state, width));
            }
            catch (Exception error) when (stop.IsCancellationRequested && error is CliException or OperationCanceledException)
            {
                // Ctrl-C: the last picture stays on the screen.
            }
        });
    }

    /// <summary>The state after an update.</summary>
    public static RunViewState Apply(RunViewState state, RunUpdate update)
    {
        var known = state.Alerts.Select(alert => alert.Ordinal).ToHashSet();
        return state with
        {
            Summary = update.Summary ?? state.Summary,
            Estimates = update.Estimates.Count > 0 ? update.Estimates : state.Estimates,
            Alerts = [.. state.Alerts, .. update.Alerts.Where(alert => known.Add(alert.Ordinal))],
        };
    }
}
