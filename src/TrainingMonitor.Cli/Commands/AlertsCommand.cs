using System.CommandLine;
using System.Threading.Channels;
using Spectre.Console;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Cli.Json;
using TrainingMonitor.Cli.Rendering;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon alerts</c>.</summary>
internal static class AlertsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context, ConnectionOptions connection)
    {
        var run = new Option<string?>("--run") { Description = "Only this run (an id, the start of one, or 'last')." };
        var active = new Option<bool>("--active") { Description = "Only alerts that are not resolved." };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with alerts as they come, until Ctrl-C; with --json one document a line." };
        var json = CommonOptions.Json();
        var command = new Command("alerts", "List alerts, oldest first.") { run, active, follow, json };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            using var client = new QueryClient(connection.Locate(context, parsed));
            var id = parsed.GetValue(run) is { } text ? await client.ResolveRunAsync(text, stop) : "";
            var asJson = parsed.GetValue(json);
            var request = new ListAlertsRequest { RunId = id, ActiveOnly = parsed.GetValue(active) };
            if (parsed.GetValue(follow))
            {
                await FollowAsync(context, client, request, asJson, stop);
                return ExitCodes.Ok;
            }

            var alerts = (await client.AskAsync(q => q.ListAlertsAsync(request, cancellationToken: stop))).Alerts;
            if (asJson)
            {
                CliJson.Write<IReadOnlyList<AlertJson>>(context.Output, [.. alerts.Select(AlertJson.Of)]);
                return ExitCodes.Ok;
            }

            foreach (var alert in alerts)
            {
                Write(context, alert, withRun: id.Length == 0, asJson: false);
            }

            if (alerts.Count == 0)
            {
                context.Output.WriteLine("No alerts.");
            }

            return ExitCodes.Ok;
        }));
        return command;
    }

    // The watch is opened before the list is read, so that nothing falls between; what comes twice is left out.
    private static async Task FollowAsync(CliContext context, QueryClient client, ListAlertsRequest request, bool asJson, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var live = Channel.CreateUnbounded<Alert>();
        var pump = PumpAsync(client, request.RunId, live.Writer, over.Token);
        try
        {
            var seen = new HashSet<(string Run, ulong Ordinal)>();
            foreach (var alert in (await client.AskAsync(q => q.ListAlertsAsync(request, cancellationToken: stop))).Alerts)
            {
                seen.Add((alert.RunId, alert.Ordinal));
                Write(context, alert, request.RunId.Length == 0, asJson);
            }

            await foreach (var alert in live.Reader.ReadAllAsync(CancellationToken.None))
            {
                if (seen.Add((alert.RunId, alert.Ordinal)))
                {
                    Write(context, alert, request.RunId.Length == 0, asJson);
                }
            }
        }
        catch (Exception error) when (stop.IsCancellationRequested && error is CliException or OperationCanceledException)
        {
            // Ctrl-C is how following ends.
        }
        finally
        {
            await over.CancelAsync();
            await pump;
        }
    }

    private static async Task PumpAsync(QueryClient client, string runId, ChannelWriter<Alert> live, CancellationToken over)
    {
        try
        {
            await foreach (var alert in client.StreamAsync(q => q.WatchAlerts(new WatchAlertsRequest { RunId = runId }, cancellationToken: over), over))
            {
                live.TryWrite(alert);
            }

            live.Complete();
        }
        catch (Exception error) when (error is CliException or OperationCanceledException)
        {
            // The reader of the channel meets it.
            live.Complete(error);
        }
    }

    private static void Write(CliContext context, Alert alert, bool withRun, bool asJson)
    {
        if (asJson)
        {
            CliJson.WriteLine(context.Output, AlertJson.Of(alert));
        }
        else
        {
            context.Console.MarkupLine(AlertLine.Markup(alert, withRun));
        }
    }
}
