using System.CommandLine;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Cli.Json;
using TrainingMonitor.Cli.Rendering;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon show RUN</c>.</summary>
internal static class ShowCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context, ConnectionOptions connection)
    {
        var run = CommonOptions.Run();
        var once = new Option<bool>("--once") { Description = "Show the state now and end." };
        var json = CommonOptions.Json();
        var command = new Command("show", "Show one run live: progress, estimates, small charts, alerts.") { run, once, json };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            using var client = new QueryClient(connection.Locate(context, parsed));
            var id = await client.ResolveRunAsync(parsed.GetRequiredValue(run), stop);
            var live = !parsed.GetValue(once);
            if (parsed.GetValue(json))
            {
                await WriteJsonAsync(context, client, id, live, stop);
            }
            else if (live && context.Console.Profile.Capabilities.Interactive)
            {
                await RunScreen.ShowAsync(context, client, id, stop);
            }
            else
            {
                var detail = await client.AskAsync(q => q.GetRunAsync(new GetRunRequest { RunId = id }, cancellationToken: stop));
                context.Console.Write(RunView.Of(await RunScreen.StateAsync(client, detail, stop), context.Console.Profile.Width));
            }

            return ExitCodes.Ok;
        }));
        return command;
    }

    private static async Task WriteJsonAsync(CliContext context, QueryClient client, string id, bool live, CancellationToken stop)
    {
        var detail = await client.AskAsync(q => q.GetRunAsync(new GetRunRequest { RunId = id }, cancellationToken: stop));
        if (!live)
        {
            CliJson.Write(context.Output, RunDetailJson.Of(detail));
            return;
        }

        CliJson.WriteLine(context.Output, RunDetailJson.Of(detail));
        await foreach (var update in client.StreamAsync(q => q.WatchRun(new WatchRunRequest { RunId = id }, cancellationToken: stop), stop))
        {
            CliJson.WriteLine(context.Output, RunDetailJson.Of(update));
        }
    }
}
