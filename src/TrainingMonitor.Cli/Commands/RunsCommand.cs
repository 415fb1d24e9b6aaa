using System.CommandLine;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Cli.Json;
using TrainingMonitor.Cli.Rendering;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon runs</c>.</summary>
internal static class RunsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context, ConnectionOptions connection)
    {
        var project = new Option<string>("--project") { Description = "Only this project.", DefaultValueFactory = _ => "" };
        var limit = new Option<uint>("--limit") { Description = "At most this many.", DefaultValueFactory = _ => 100 };
        var json = CommonOptions.Json();
        var command = new Command("runs", "List the runs, newest activity first.") { project, limit, json };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            using var client = new QueryClient(connection.Locate(context, parsed));
            var request = new ListRunsRequest { Project = parsed.GetValue(project), Limit = parsed.GetValue(limit) };
            var runs = (await client.AskAsync(q => q.ListRunsAsync(request, cancellationToken: stop))).Runs;
            if (parsed.GetValue(json))
            {
                CliJson.Write<IReadOnlyList<RunJson>>(context.Output, [.. runs.Select(RunJson.Of)]);
            }
            else if (runs.Count == 0)
            {
                context.Output.WriteLine("No runs yet. 'trainmon demo' trains one.");
            }
            else
            {
                context.Console.Write(RunsTable.Of(runs, context.Time.GetUtcNow()));
            }

            return ExitCodes.Ok;
        }));
        return command;
    }
}
