using System.CommandLine;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Cli.Json;
using TrainingMonitor.Cli.Recordings;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Recording;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon replay FILE</c>.</summary>
internal static class ReplayCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context, ConnectionOptions connection)
    {
        var file = new Argument<string>("FILE") { Description = "A recording made with 'trainmon record'." };
        var speed = NumberOption.Positive("--speed", "Times the trainer's own speed (default: as fast as the server takes it).");
        var paced = new Option<bool>("--paced") { Description = "At the trainer's own speed; the same as --speed 1." };
        var runId = new Option<string?>("--run-id") { Description = "Run id to feed it under (default: the recorded one)." };
        var json = CommonOptions.Json();
        var command = new Command("replay", "Feed a recorded stream to a server.") { file, speed, paced, runId, json };
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            var location = connection.Locate(context, parsed);
            var path = Path.GetFullPath(parsed.GetRequiredValue(file));
            if (!File.Exists(path))
            {
                throw new CliException(ExitCodes.NotFound, $"There is no file {path}: make one with 'trainmon record RUN --out FILE'.");
            }

            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            var recording = Open(stream, path);
            var id = parsed.GetValue(runId) ?? recording.RunId;
            using var client = new QueryClient(location);
            await RefuseKnownAsync(client, id, stop);
            var startedAt = context.Time.GetTimestamp();
            var pace = new ReplayPace(parsed.GetValue(speed) ?? (parsed.GetValue(paced) ? 1 : double.PositiveInfinity), context.Time);
            var replayer = new Replayer(client, location.Grpc, id, pace);
            await replayer.RunAsync(recording, stop);
            var done = new ReplayJson(
                id, replayer.Frames, replayer.Steps, Math.Round(context.Time.GetElapsedTime(startedAt).TotalSeconds, 3), replayer.Page.Length == 0 ? null : replayer.Page);
            Say(context, parsed.GetValue(json), done, recording.IsComplete);
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static RecordingReader Open(Stream stream, string path)
    {
        try
        {
            return new RecordingReader(stream);
        }
        catch (RecordingException error)
        {
            throw new CliException(ExitCodes.Failure, $"{error.Message.TrimEnd('.')}: name a file that 'trainmon record' wrote, not {path}.", error);
        }
    }

    private static async Task RefuseKnownAsync(QueryClient client, string id, CancellationToken stop)
    {
        var runs = await client.AskAsync(q => q.ListRunsAsync(new ListRunsRequest { Limit = 1000 }, cancellationToken: stop));
        if (runs.Runs.Any(run => run.RunId == id))
        {
            throw new CliException(ExitCodes.Usage, $"The server already has a run {id}: choose another id with --run-id.");
        }
    }

    private static void Say(CliContext context, bool json, ReplayJson done, bool complete)
    {
        if (!complete)
        {
            context.Error.WriteLine("The recording stops early (its writer was interrupted): what it holds was replayed.");
        }

        if (json)
        {
            CliJson.Write(context.Output, done);
            return;
        }

        context.Output.WriteLine($"Replayed {done.Frames} frames with {done.Steps} steps as {done.RunId} in {done.Seconds} s.");
        if (done.Page is not null)
        {
            context.Output.WriteLine($"Look at {done.Page}");
        }
    }
}
