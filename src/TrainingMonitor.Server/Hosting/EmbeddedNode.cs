using Microsoft.Extensions.Logging;
using TrainingMonitor.Notifications;
using TrainingMonitor.Runs.Gateway;
using TrainingMonitor.Runs.Hosting;
using TrainingMonitor.Runs.Series;
using TrainingMonitor.Server.Queries;
using TrainingMonitor.Storage.Backups;
using TrainingMonitor.Storage.Influx;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Snapshots;
using TrainingMonitor.Storage.Spooling;

namespace TrainingMonitor.Server.Hosting;

/// <summary>The node of the embedded server: frame log, series, snapshots and run actors in one folder.</summary>
internal sealed class EmbeddedNode : INode
{
    private readonly MonitorNode node;
    private readonly InfluxSink? sink;
    private readonly IReadOnlyList<IAsyncDisposable> stores;
    private readonly InfluxHealth? health;

    private EmbeddedNode(
        MonitorNode node, ISeriesStore series, InfluxSink? sink, NotificationCenter? notifications, FrameLog log, BackupWriter backups, IReadOnlyList<IAsyncDisposable> stores, NodeContext context)
    {
        this.node = node;
        this.sink = sink;
        this.stores = stores;
        Store = series;
        Notifications = notifications;
        Backups = backups;
        Recordings = new FrameLogRecordings(log);
        health = sink is null ? null : InfluxHealth.Start((numbers, _) => Keep(sink, numbers), () => Metrics, TimeSpan.FromSeconds(context.Options.InfluxHealthSeconds), context.Time);
    }

    /// <inheritdoc/>
    public IRunGateway Gateway => node.Gateway;

    /// <inheritdoc/>
    public ISeriesStore Store { get; }

    /// <inheritdoc/>
    public IRecordingSource Recordings { get; }

    /// <inheritdoc/>
    public BackupWriter? Backups { get; }

    /// <inheritdoc/>
    public NotificationCenter? Notifications { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Metrics
    {
        get
        {
            if (sink is null)
                return Gateway.Metrics;
            var all = new Dictionary<string, double>(Gateway.Metrics, StringComparer.Ordinal);
            InfluxSinkMetrics.CopyTo(sink, all);
            return all;
        }
    }

    /// <summary>Opens the stores and recovers the runs.</summary>
    public static async Task<INode> StartAsync(NodeContext context, CancellationToken cancellationToken)
    {
        // In the order they are opened; closed from the end.
        var opened = new List<IAsyncDisposable>();
        try
        {
            var snapshots = SqliteSnapshotStore.Open(Path.Combine(context.Folder, "snapshots.db"), context.Loggers.CreateLogger<SqliteSnapshotStore>(), context.Time);
            opened.Add(snapshots);
            var series = DuckDbSeriesStore.Open(new DuckDbOptions { Path = Path.Combine(context.Folder, "series.duckdb") }, context.Loggers.CreateLogger<DuckDbSeriesStore>(), context.Time);
            opened.Add(series);
            var copy = StartSink(context);
            if (copy is not null)
                opened.Add(copy);
            // Pages and queries read DuckDB whether there is a copy or not.
            ISeriesStore written = copy is null ? series : await MirroredSeriesStore.CreateAsync(series, copy, cancellationToken);
            var notifications = StartNotifications(context);
            if (notifications is not null)
            {
                opened.Add(notifications);
                written = await NotifyingSeriesStore.CreateAsync(written, notifications, cancellationToken);
            }

            var known = await NewestAsync(snapshots, series, cancellationToken);
            var log = FrameLog.Open(
                new FrameLogOptions { Folder = Path.Combine(context.Folder, "log"), DiskCapBytes = context.Options.LogBytes, ContinueAfter = known },
                context.Loggers.CreateLogger<FrameLog>(),
                context.Time);
            opened.Add(log);
            var actors = await MonitorNode.StartAsync(NodeOptions(context), log, written, snapshots, context.Time, context.Loggers, cancellationToken);
            var backups = new BackupWriter(context.Folder, log, series, $"trainmon {Http.ApiEndpoints.Version}", context.Time);
            backups.RemoveLeft();
            return new EmbeddedNode(actors, series, copy, notifications, log, backups, opened, context);
        }
        catch
        {
            await CloseAsync(opened);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (health is not null)
            await health.DisposeAsync();
        await node.DisposeAsync();
        await CloseAsync(stores);
    }

    private static Task Keep(InfluxSink sink, IReadOnlyDictionary<string, double> numbers)
    {
        sink.AddNumbers(Environment.MachineName, numbers);
        return Task.CompletedTask;
    }

    private static async ValueTask CloseAsync(IReadOnlyList<IAsyncDisposable> stores)
    {
        foreach (var store in stores.Reverse())
            await store.DisposeAsync();
    }

    private static InfluxSink? StartSink(NodeContext context) => InfluxSettings.Read(context.Options, []) is not { } influx ? null : InfluxSink.Start(
        new InfluxSinkOptions { Server = influx, Spool = new SpoolOptions { Folder = Path.Combine(context.Folder, "influx"), CapBytes = context.Options.InfluxSpoolBytes } },
        context.Time,
        context.Loggers);

    private static NotificationCenter? StartNotifications(NodeContext context) => NotificationSettings.Read(context.Options, []) is not { } notifications ? null : NotificationCenter.Start(
        new NotificationCenterOptions
        {
            Notifications = notifications, Path = Path.Combine(context.Folder, "notifications.db"), PageFormat = context.Pages + "runs/{0}", External = context.Pages.ToString(),
        },
        context.Time,
        context.Loggers);

    // Should the log have lost its newest records, no position is used twice.
    private static async Task<long> NewestAsync(SqliteSnapshotStore snapshots, DuckDbSeriesStore series, CancellationToken cancellationToken) =>
        (await snapshots.PositionsAsync(cancellationToken)).Values
            .Concat((await series.CommittedPositionsAsync(cancellationToken)).Values)
            .Append(0)
            .Max();

    /// <summary>The node's part of the server's options.</summary>
    internal static MonitorNodeOptions NodeOptions(NodeContext context) => new()
    {
        PageFormat = context.Pages + "runs/{0}",
        MaxFrameBytes = context.Options.MaxFrameBytes,
        MaxRuns = context.Options.MaxRuns,
        SnapshotInputs = context.Options.SnapshotInputs,
        SnapshotInterval = TimeSpan.FromSeconds(context.Options.SnapshotSeconds),
    };
}
