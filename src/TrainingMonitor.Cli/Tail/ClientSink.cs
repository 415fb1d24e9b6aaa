using TrainingMonitor.Cli.Connection;
using TrainingMonitor.Client;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Tail;

/// <summary>Sends through the client, which is started with the first thing to send: a log with nothing new opens no attempt.</summary>
internal sealed class ClientSink(TailRequest request, ServerLocation location, CliContext context, Action<Alert> onAlert) : ITailSink, IDisposable
{
    /// <summary>The layer that stands for the whole gradient.</summary>
    public const string AllParameters = "all parameters";

    private readonly RunDescription description = new() { ReportPromiseSeconds = request.PromiseSeconds };
    private TrainingMonitorClient? client;
    private bool hasLayers;

    /// <summary>The client is there and was refused: sending has no use.</summary>
    public bool IsOff => client is { IsOn: false };

    /// <summary>Half of the buffers is free.</summary>
    public bool HasRoom => client?.HasRoom ?? true;

    /// <summary>The page of the run; empty until the server said so.</summary>
    public string Page => client?.Page ?? "";

    /// <inheritdoc/>
    public void Describe(long plannedSteps, string format)
    {
        var planned = (ulong)Math.Clamp(plannedSteps, 0, 1L << 50);
        if (description.Tags.TryGetValue("log.format", out var known) && known == format && (planned == 0 || planned == description.PlannedSteps))
        {
            return;
        }

        description.PlannedSteps = planned == 0 ? description.PlannedSteps : planned;
        description.Tags["source"] = "trainmon tail";
        description.Tags["log.path"] = request.Path.Length <= 256 ? request.Path : request.Path[^256..];
        description.Tags["log.format"] = format;
        description.Tags["log.precision"] = format == "nanotron" ? "3 digits, as nanotron prints them" : "as printed in the log";
        description.Unavailable["layers"] = "read from a log, which has no statistics of layers";
        description.Unavailable["example_gradients"] = "read from a log";
        client?.SetDescription(description);
    }

    /// <inheritdoc/>
    public void Report(StepReport report)
    {
        var target = Client();
        if (report.Columns.Count > 0 && !hasLayers)
        {
            var table = new LayerTable { Version = 1 };
            table.Layers.Add(new Layer { Name = AllParameters, Kind = "Model" });
            table.Columns.Add(new ColumnDeclaration { Statistic = LayerStatistic.GradSq, Combination = RankCombination.Replicated });
            target.SetLayers(table);
            hasLayers = true;
        }

        report.TimeUnixNs = Past(report.TimeUnixNs);
        target.Report(report);
    }

    /// <inheritdoc/>
    public void Log(long step, IReadOnlyDictionary<string, double> scalars, long timeUnixNs) => Client().Log(step, scalars, Past(timeUnixNs));

    /// <summary>Says goodbye and waits until the server has everything, for a while.</summary>
    public void Finish(Goodbye.Types.Reason reason, string message) => client?.Finish(reason, message);

    /// <inheritdoc/>
    public void Dispose() => client?.Dispose();

    private TrainingMonitorClient Client()
    {
        if (client is not null)
        {
            return client;
        }

        client = TrainingMonitorClient.Start(new ClientOptions
        {
            Server = location.Grpc,
            Token = location.Token,
            CaFile = location.Tls.CaFile,
            ClientCertificate = location.Tls.Certificate,
            ClientKey = location.Tls.Key,
            AllowPlainToken = true, // it was said, or the location would have been refused
            RunId = request.RunId,
            Project = request.Project,
            Rank = 0, // whatever job this shell may be part of
            WorldSize = 1,
            Description = description,
            SpillBytes = 0, // the log itself keeps what the server does not have yet
            ExitTimeout = TimeSpan.FromSeconds(request.Once ? 60 : 5),
            Enabled = true,
            Say = sentence => context.Error.WriteLine(sentence),
        });
        client.OnAlert += onAlert;
        return client;
    }

    // Clocks of other machines run ahead, and dates without a zone are guessed: nothing was written later than now.
    private long Past(long time) => Math.Min(time, (context.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);
}
