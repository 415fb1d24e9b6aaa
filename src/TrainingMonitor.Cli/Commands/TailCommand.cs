using System.CommandLine;
using Grpc.Core;
using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Cli.Tail;
using TrainingMonitor.Logs.Naming;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Commands;

/// <summary><c>trainmon tail PATH</c>.</summary>
internal static class TailCommand
{
    private const double DefaultInterval = 2, DefaultPromise = 600;

    /// <summary>Makes the command.</summary>
    public static Command Create(CliContext context, ConnectionOptions connection)
    {
        var path = new Argument<string>("PATH") { Description = "A log, or a folder in which the newest one is taken." };
        var format = new Option<string?>("--format") { Description = $"Format of the log (default: found out): {string.Join(", ", FormatNames.Names)}." };
        format.Validators.Add(result =>
        {
            if (result.Tokens is [var given, ..] && FormatNames.Find(given.Value) is null)
            {
                result.AddError($"--format needs one of {string.Join(", ", FormatNames.Names)}, not '{given.Value}'");
            }
        });
        var map = new Option<string[]>("--map") { Description = $"What a name of the log means, NAME=WHAT; WHAT is one of {string.Join(", ", KnownNames.Names)}.", AllowMultipleArgumentsPerToken = false };
        map.Validators.Add(result =>
        {
            foreach (var given in result.Tokens.Where(token => Mapping(token.Value) is null))
            {
                result.AddError($"--map needs NAME=WHAT, WHAT one of {string.Join(", ", KnownNames.Names)}, not '{given.Value}'");
            }
        });
        var runId = new Option<string?>("--run-id") { Description = "Run id (default: made of the path, so that a second tail goes on with the run)." };
        var project = new Option<string?>("--project") { Description = "Project (default: TRAINMON_PROJECT, else default)." };
        var once = new Option<bool>("--once") { Description = "Read what is there, say goodbye and end." };
        var fromStart = new Option<bool>("--from-start") { Description = "Send the whole log, also what the server has (default: what it does not have)." };
        var fromEnd = new Option<bool>("--from-end") { Description = "Send only what is written from now on." };
        var interval = NumberOption.Positive("--interval", $"Seconds between two looks at the log (default: {DefaultInterval}).");
        var promise = NumberOption.Positive("--stalled-after", $"Seconds of silence after which the run counts as stalled (default: {DefaultPromise}).");
        var json = CommonOptions.Json();
        var command = new Command("tail", "Follow the log of a job that cannot be touched: TensorBoard, wandb, Hugging Face, nanotron, Megatron, torchtitan, JSON lines.")
        {
            path, format, map, runId, project, once, fromStart, fromEnd, interval, promise, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(fromStart) && result.GetValue(fromEnd))
            {
                result.AddError("--from-start and --from-end exclude each other");
            }
        });
        command.SetAction((parsed, stop) => Guarded.RunAsync(context, async () =>
        {
            var full = Path.GetFullPath(parsed.GetRequiredValue(path));
            var request = new TailRequest
            {
                Path = full,
                Format = parsed.GetValue(format) is { } name ? FormatNames.Find(name) : null,
                RunId = parsed.GetValue(runId) ?? RunName.Of(full),
                Project = parsed.GetValue(project),
                Names = (parsed.GetValue(map) ?? []).Select(text => Mapping(text)!.Value).DistinctBy(pair => pair.Key).ToDictionary(StringComparer.Ordinal),
                Start = parsed.GetValue(fromStart) ? TailStart.FromStart : parsed.GetValue(fromEnd) ? TailStart.FromEnd : TailStart.Continue,
                Once = parsed.GetValue(once),
                Interval = TimeSpan.FromSeconds(Math.Min(parsed.GetValue(interval) ?? DefaultInterval, 3600)),
                PromiseSeconds = parsed.GetValue(promise) ?? DefaultPromise,
            };
            await FollowAsync(context, connection.Locate(context, parsed), request, parsed.GetValue(json), stop);
            return ExitCodes.Ok;
        }));
        return command;
    }

    private static async Task FollowAsync(CliContext context, ServerLocation location, TailRequest request, bool json, CancellationToken stop)
    {
        var serverStep = await KnownStepAsync(location, request.RunId, stop);
        var voice = new TailVoice(context, json);
        using var sink = new ClientSink(request, location, context, voice.Alert);
        await new TailSession(request, serverStep, sink, voice, context.Time).RunAsync(stop);
    }

    // -1: the server does not know the run, or no step of it.
    private static async Task<long> KnownStepAsync(ServerLocation location, string runId, CancellationToken stop)
    {
        using var client = new QueryClient(location);
        try
        {
            var detail = await client.Queries.GetRunAsync(new GetRunRequest { RunId = runId }, cancellationToken: stop);
            return detail.Segments.Count > 0 ? (long)detail.Summary.Step : -1;
        }
        catch (RpcException error) when (error.StatusCode == StatusCode.NotFound)
        {
            return -1;
        }
        catch (RpcException error)
        {
            throw RpcErrors.Translate(error, location.Grpc);
        }
    }

    private static KeyValuePair<string, Known>? Mapping(string text) =>
        text.LastIndexOf('=') is > 0 and var at && KnownNames.Find(text[(at + 1)..]) is { } known ? new(text[..at], known) : null;
}
