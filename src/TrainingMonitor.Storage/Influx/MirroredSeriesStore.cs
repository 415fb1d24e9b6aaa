using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Influx;

/// <summary>A store whose writes also go to a sink. Readers read the store. The spool is durable before the store commits: after a crash the frame log brings back everything above the
/// store's position, so that nothing the store has is missing in the sink.</summary>
public sealed class MirroredSeriesStore : ISeriesStore
{
    // By the system's clock, and far above what a batch takes: for a disk that stalls.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);
    private readonly ISeriesStore store;
    private readonly InfluxSink sink;
    // Highest position in the spool, by run: a write that the store refuses comes again, and is spooled once.
    private readonly Dictionary<string, long> spooled;

    private MirroredSeriesStore(ISeriesStore store, InfluxSink sink, IReadOnlyDictionary<string, long> committed)
    {
        this.store = store;
        this.sink = sink;
        spooled = new Dictionary<string, long>(committed, StringComparer.Ordinal);
    }

    /// <summary>Puts a sink beside a store. Neither is closed with it.</summary>
    public static async Task<MirroredSeriesStore> CreateAsync(ISeriesStore store, InfluxSink sink, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(sink);
        return new MirroredSeriesStore(store, sink, await store.CommittedPositionsAsync(cancellationToken));
    }

    /// <inheritdoc/>
    public async Task WriteAsync(IReadOnlyList<RunWrites> batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var fresh = new List<RunWrites>();
        lock (spooled)
        {
            foreach (var writes in batch.Where(writes => writes.Position > spooled.GetValueOrDefault(writes.RunId)))
            {
                spooled[writes.RunId] = writes.Position;
                fresh.Add(writes);
            }
        }

        var spooling = sink.AddAsync(fresh);
        await Task.WhenAny(spooling, Task.Delay(LongestWait, cancellationToken));
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
    public Task<IReadOnlyList<Protocol.V1.SeriesInfo>> ListSeriesAsync(string runId, CancellationToken cancellationToken) => store.ListSeriesAsync(runId, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Alert>> ListAlertsAsync(ListAlertsRequest request, CancellationToken cancellationToken) => store.ListAlertsAsync(request, cancellationToken);

    /// <inheritdoc/>
    public Task<AroundResponse> GetAroundAsync(AroundRequest request, CancellationToken cancellationToken) => store.GetAroundAsync(request, cancellationToken);

    /// <inheritdoc/>
    public Task ExportAsync(string runId, string path, ExportFormat format, bool layers, CancellationToken cancellationToken) =>
        store.ExportAsync(runId, path, format, layers, cancellationToken);

    /// <summary>Nothing: store and sink belong to whoever opened them.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
