using System.CommandLine;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Cli.Json;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon record RUN</c>.</summary>
internal static class RecordCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context, ConnectionOptions connection)
    {
        var run = CommonOptions.Run();
        var file = new Option<string?>("--out", "-o") { Description = "File to write (default: RUN.tmrec); an existing one is replaced." };
        var json = CommonOptions.Json();
        var command = new Command("record", "Save a run's accepted stream to a file, for 'trainmon replay'.") { run, file, json };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            using var client = new QueryClient(connection.Locate(context, parsed));
            var id = await client.ResolveRunAsync(parsed.GetRequiredValue(run), stop);
            var path = Path.GetFullPath(parsed.GetValue(file) ?? $"{SafeFile.Name(id)}.tmrec");
            var bytes = await SafeFile.WriteAsync(path, async target =>
            {
                await foreach (var chunk in client.StreamAsync(q => q.GetRecording(new RecordingRequest { RunId = id }, cancellationToken: stop), stop))
                {
                    await target.WriteAsync(chunk.Data.Memory, stop);
                }
            });
            ExportCommand.Say(context, parsed.GetValue(json), new FileJson(id, path, "recording", bytes));
            return ExitCodes.Ok;
        }));
        return command;
    }
}
