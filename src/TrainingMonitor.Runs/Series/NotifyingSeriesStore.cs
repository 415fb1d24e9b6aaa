using TrainingMonitor.Notifications;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.Series;

/// <summary>A store whose alerts are also delivered. Delivery has them durably before the store commits, in a cluster in the inbox that the nodes share: after a crash the log brings back everything above the
/// store's position, so that no alert the store has was never taken for delivery. Readers read the store.</summary>
public sealed class NotifyingSeriesStore : ISeriesStore
{
    private const int MostRuns = 10_000, MostAlerts = 100_000;
    private readonly ISeriesStore store;
    private readonly NotificationCenter center;

    private NotifyingSeriesStore(ISeriesStore store, NotificationCenter center) => (this.store, this.center) = (store, center);

    /// <summary>Puts delivery beside a store, and takes what the store got while there was none. Neither is closed with it.</summary>
    public static async Task<NotifyingSeriesStore> CreateAsync(ISeriesStore store, NotificationCenter center, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(center);
        foreach (var (run, project, ordinal) in center.FiringRuns)
        {
            await center.TakeAsync(run, project, await store.ListAlertsAsync(new ListAlertsRequest { RunId = run, AfterOrdinal = ordinal, Limit = MostAlerts }, cancellationToken), null, cancellationToken);
        }

        foreach (var run in (await store.ListRunsAsync("", MostRuns, cancellationToken)).Where(run => run.FiringAlerts > 0 && !HasEnded(run)))
        {
            await center.TakeAsync(
                run.RunId, run.Project, await store.ListAlertsAsync(new ListAlertsRequest { RunId = run.RunId, ActiveOnly = true, Limit = MostAlerts }, cancellationToken), null, cancellationToken);
        }

        return new NotifyingSeriesStore(store, center);
    }

    /// <inheritdoc/>
    public async Task WriteAsync(IReadOnlyList<RunWrites> batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        foreach (var writes in batch)
        {
            // Without alerts only the end of a run, or its going on, is of interest.
            var summary = writes.Row is { } row ? RunSummary.Parser.ParseFrom(row.Summary) : null;
            if (writes.Alerts.Count > 0 || summary is not null)
            {
                await center.TakeAsync(writes.RunId, writes.Project, writes.Alerts, summary is null ? null : HasEnded(summary), cancellationToken);
            }
        }

        await store.WriteAsync(batch, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, long>> CommittedPositionsAsync(CancellationToken cancellationToken) => store.CommittedPositionsAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<long> CommittedPositionAsync(string runId, CancellationToken cancellationToken) => store.CommittedPositionAsync(runId, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunSummary>> ListRunsAsync(string project, int limit, CancellationToken cancellationToken) => store.ListRunsAsync(project, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<RunDetail?> GetRunAsync(string runId, CancellationToken cancellationToken) => store.GetRunAsync(runId, cancellationToken);

    /// <inheritdoc/>
    public Task<SeriesResponse> GetSeriesAsync(SeriesRequest request, CancellationToken cancellationToken) => store.GetSeriesAsync(request, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SeriesInfo>> ListSeriesAsync(string runId, CancellationToken cancellationToken) => store.ListSeriesAsync(runId, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Alert>> ListAlertsAsync(ListAlertsRequest request, CancellationToken cancellationToken) => store.ListAlertsAsync(request, cancellationToken);

    /// <inheritdoc/>
    public Task<AroundResponse> GetAroundAsync(AroundRequest request, CancellationToken cancellationToken) => store.GetAroundAsync(request, cancellationToken);

    /// <inheritdoc/>
    public Task ExportAsync(string runId, string path, ExportFormat format, bool layers, CancellationToken cancellationToken) =>
        store.ExportAsync(runId, path, format, layers, cancellationToken);

    /// <summary>Nothing: store and delivery belong to whoever opened them.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static bool HasEnded(RunSummary run) => run.State is RunState.Finished or RunState.Failed;
}
