using Microsoft.Extensions.Logging;
using TrainingMonitor.Notifications;
using TrainingMonitor.Runs.Alerts;
using TrainingMonitor.Runs.Clustering;
using TrainingMonitor.Runs.Gateway;
using TrainingMonitor.Runs.Series;
using TrainingMonitor.Server.Queries;
using TrainingMonitor.Storage.Influx;
using TrainingMonitor.Storage.Postgres;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Server.Hosting.Clustered;

/// <summary>A node of a cluster: runs in PostgreSQL, series in InfluxDB, actors on all nodes.</summary>
internal sealed class ClusteredNode : INode
{
    private readonly ClusterNode node;
    private readonly PostgresStore shared;
    private readonly InfluxSeriesStore series;
    private readonly IReadOnlyList<IAsyncDisposable> stores;
    private readonly InfluxHealth health;
    private readonly TaskCompletionSource<string> lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool leaving;

    private ClusteredNode(ClusterNode node, PostgresStore shared, InfluxSeriesStore series, NotificationCenter? notifications, IReadOnlyList<IAsyncDisposable> stores, NodeContext context, string name)
    {
        (this.node, this.shared, this.series, this.stores, Notifications) = (node, shared, series, stores, notifications);
        Recordings = new SharedRecordings(shared.Runs);
        health = InfluxHealth.Start(
            (numbers, cancel) => series.WriteNumbersAsync(name, numbers, cancel), () => Metrics, TimeSpan.FromSeconds(context.Options.InfluxHealthSeconds), context.Time);
        _ = WatchAsync();
    }

    /// <inheritdoc/>
    public IRunGateway Gateway => node.Gateway;

    /// <inheritdoc/>
    public ISeriesStore Store => series;

    /// <inheritdoc/>
    public IRecordingSource Recordings { get; }

    /// <inheritdoc/>
    public NotificationCenter? Notifications { get; }

    /// <inheritdoc/>
    public Task<string> Lost => lost.Task;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Metrics
    {
        get
        {
            var all = new Dictionary<string, double>(Gateway.Metrics, StringComparer.Ordinal);
            var counters = shared.Counters;
            (all["shared_commits_total"], all["shared_records_total"], all["shared_bytes_total"]) = (counters.Commits, counters.Records, counters.Bytes);
            (all["shared_retries_total"], all["shared_fenced_total"], all["shared_last_commit_seconds"]) = (counters.Retries, counters.Fenced, counters.LastCommitSeconds);
            return all;
        }
    }

    /// <summary>Opens the shared stores and joins the cluster.</summary>
    public static async Task<INode> StartAsync(NodeContext context, CancellationToken cancellationToken)
    {
        var (cluster, postgres) = ClusterReader.Read(context.Options, []) ?? throw new InvalidOperationException("The options are those of an embedded server.");
        // In the order they are opened; closed from the end.
        var opened = new List<IAsyncDisposable>();
        try
        {
            var database = await PostgresStore.OpenAsync(postgres, context.Loggers, context.Time, cancellationToken);
            opened.Add(database);
            var influx = await InfluxSeriesStore.OpenAsync(
                InfluxSettings.Read(context.Options, [])!, Path.Combine(context.Folder, "dead-letters.lp"), context.Time, context.Loggers.CreateLogger<InfluxSeriesStore>(), cancellationToken);
            opened.Add(influx);
            ISeriesStore written = influx;
            var notifications = StartNotifications(context, cluster, database);
            if (notifications is not null)
            {
                opened.Add(notifications);
                written = await NotifyingSeriesStore.CreateAsync(influx, notifications, cancellationToken);
            }

            var options = EmbeddedNode.NodeOptions(context) with { Ingest = context.Options.AdvertiseGrpc };
            var actors = await ClusterNode.StartAsync(options, cluster, database.Runs, database.Members, written, context.Time, context.Loggers, cancellationToken);
            return new ClusteredNode(actors, database, influx, notifications, opened, context, $"{cluster.Host}:{cluster.Port}");
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
        leaving = true;
        await health.DisposeAsync();
        await node.DisposeAsync();
        await CloseAsync(stores);
    }

    private static async ValueTask CloseAsync(IReadOnlyList<IAsyncDisposable> stores)
    {
        foreach (var store in stores.Reverse())
            await store.DisposeAsync();
    }

    private static NotificationCenter? StartNotifications(NodeContext context, ClusterOptions cluster, PostgresStore database) =>
        NotificationSettings.Read(context.Options, []) is not { } notifications ? null : NotificationCenter.Start(
            new NotificationCenterOptions
            {
                Notifications = notifications,
                Shared = new PostgresNotifications(database),
                Node = $"{cluster.Host}:{cluster.Port}",
                PageFormat = context.Pages + "runs/{0}",
                External = context.Pages.ToString(),
            },
            context.Time,
            context.Loggers);

    private async Task WatchAsync()
    {
        await node.Ended;
        if (!leaving)
            lost.TrySetResult("This node is not in the cluster any more. The others have removed it, since it was cut off or did not answer in time, or it was in the smaller of two clusters, as an error before this one says. Start it again, and it joins anew.");
    }
}
