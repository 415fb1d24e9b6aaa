using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Cli.Hosting;
using TrainingMonitor.Cli.Json;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Demo;

/// <summary>One demo from start to summary: server in this process, training job in its own, a view on both.</summary>
internal sealed class DemoRun(CliContext context, DemoRequest request)
{
    private const int DefaultGrpcPort = 4650;
    private static readonly TimeSpan FirstReportTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LastReportTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs it.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var program = ExamplesProgram.Find(context.Variable, AppContext.BaseDirectory);
        using var folder = DemoFolder.Open(request.DataFolder, request.Keep);
        await using var server = await StartServerAsync(folder.Path, stop);
        var runId = $"{request.Job}-{context.Time.GetUtcNow():yyyyMMdd-HHmmss}";
        var page = new Uri(server.Http, $"/runs/{Uri.EscapeDataString(runId)}").ToString();
        var progress = DemoProgress.For(context, request);
        progress.Started(server.Page, request.Job, runId);

        var token = TokenFile.ReadFolder(folder.Path);
        var location = new ServerLocation(server.Grpc, server.Http, token);
        using var client = new QueryClient(location);
        var startedAt = context.Time.GetTimestamp();
        using var training = TrainingProcess.Start(program.Start(Arguments(server.Grpc, runId)), Variables(server.Grpc, token, runId));
        try
        {
            await WaitForRunAsync(client, training, runId, stop);
            await progress.WatchAsync(client, runId, training, stop);
            await training.WaitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            await training.StopAsync();
            throw;
        }

        var seconds = context.Time.GetElapsedTime(startedAt).TotalSeconds;
        await WaitForEndAsync(client, runId, stop);
        var summary = await SummaryAsync(client, runId, page, seconds, folder, stop);
        if (request.Json)
        {
            CliJson.Write(context.Output, summary);
        }
        else
        {
            progress.Ended(summary);
        }

        if (training.ExitCode != 0)
        {
            await context.Error.WriteLineAsync($"The training job ended with code {training.ExitCode}: {training.LastErrors}");
            return ExitCodes.Failure;
        }

        if (!request.Headless && context.Console.Profile.Capabilities.Interactive)
        {
            context.Output.WriteLine("The page stays up until Ctrl-C.");
            await server.UntilAsync(stop);
        }

        return ExitCodes.Ok;
    }

    // The usual ports where they are free, so that bookmarks work; else any.
    private async Task<RunningServer> StartServerAsync(string folder, CancellationToken stop)
    {
        if (FreePorts.Are(DefaultGrpcPort, DefaultGrpcPort + 1))
        {
            try
            {
                return await RunningServer.StartAsync(ServerOptions(folder, DefaultGrpcPort, DefaultGrpcPort + 1), null, context.Time, stop);
            }
            catch (InvalidOperationException) when (!FreePorts.Are(DefaultGrpcPort, DefaultGrpcPort + 1))
            {
                // Another program, a second demo perhaps, took them in between.
            }
        }

        return await RunningServer.StartAsync(ServerOptions(folder, 0, 0), null, context.Time, stop);
    }

    private static Dictionary<string, string> ServerOptions(string folder, int grpcPort, int httpPort) => new(StringComparer.Ordinal)
    {
        ["DataFolder"] = folder,
        ["Address"] = "127.0.0.1",
        ["GrpcPort"] = $"{grpcPort}",
        ["HttpPort"] = $"{httpPort}",
    };

    private static async Task WaitForRunAsync(QueryClient client, TrainingProcess training, string runId, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(FirstReportTime);
        using var timer = new PeriodicTimer(PollInterval);
        try
        {
            while (!(await client.AskAsync(q => q.ListRunsAsync(new ListRunsRequest(), cancellationToken: stop))).Runs.Any(run => run.RunId == runId))
            {
                if (training.HasExited)
                {
                    await training.WaitAsync(stop);
                    throw new CliException(ExitCodes.Failure, $"The training job ended with code {training.ExitCode} before its first report. {training.LastErrors}".TrimEnd());
                }

                await timer.WaitForNextTickAsync(patience.Token);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new CliException(ExitCodes.Failure, $"The training job sent nothing for {FirstReportTime.TotalSeconds} s; it said: {training.LastErrors}");
        }
    }

    // The trainer waits for its last durable ack, so this is short.
    private static async Task WaitForEndAsync(QueryClient client, string runId, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(LastReportTime);
        using var timer = new PeriodicTimer(PollInterval);
        try
        {
            while ((await client.AskAsync(q => q.GetRunAsync(new GetRunRequest { RunId = runId }, cancellationToken: stop))).Summary.State is RunState.Running)
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // The summary says "running": the job ended without its goodbye.
        }
    }

    private async Task<DemoSummary> SummaryAsync(QueryClient client, string runId, string page, double seconds, DemoFolder folder, CancellationToken stop)
    {
        var detail = await client.AskAsync(q => q.GetRunAsync(new GetRunRequest { RunId = runId }, cancellationToken: stop));
        var transitions = (await client.AskAsync(q => q.ListAlertsAsync(new ListAlertsRequest { RunId = runId }, cancellationToken: stop))).Alerts;
        var wanted = new SeriesRequest { RunId = runId, MaxBuckets = 2000 };
        wanted.Names.AddRange(DemoFacts.Names);
        var facts = new DemoFacts(detail, transitions, (await client.AskAsync(q => q.GetSeriesAsync(wanted, cancellationToken: stop))).Series);
        var alerts = SummaryBuilder.Alerts(facts);
        return new DemoSummary
        {
            RunId = runId,
            Job = request.Job,
            Seed = request.Seed,
            Steps = detail.Summary.Step + 1,
            Seconds = Math.Round(seconds, 1),
            State = Words.Of(detail.Summary.State),
            Alerts = alerts,
            HeldOut = SummaryBuilder.HeldOutOf(facts, alerts),
            Grokking = SummaryBuilder.GrokkingOf(facts, alerts),
            Sharpness = SummaryBuilder.SharpnessOf(facts),
            Estimates = RunDetailJson.Sorted(detail.Estimates),
            Page = page,
            DataFolder = folder.Stays ? folder.Path : null,
        };
    }

    private List<string> Arguments(Uri server, string runId)
    {
        List<string> arguments = ["--job", request.Job, "--seed", $"{request.Seed}", "--server", server.ToString(), "--run-id", runId];
        if (request.Steps is { } steps)
        {
            arguments.AddRange(["--steps", $"{steps}"]);
        }

        return arguments;
    }

    private static Dictionary<string, string> Variables(Uri server, string? token, string runId)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["TRAINMON_SERVER"] = server.ToString(),
            ["TRAINMON_RUN_ID"] = runId,
            ["TRAINMON_MODE"] = "",
        };
        if (token is not null)
        {
            variables["TRAINMON_TOKEN"] = token;
        }

        return variables;
    }
}
