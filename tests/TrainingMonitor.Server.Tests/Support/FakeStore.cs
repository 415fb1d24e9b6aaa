using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Server.Tests.Support;

/// <summary>A store that a test fills.</summary>
internal sealed class FakeStore : ISeriesStore
{
    public Dictionary<string, RunDetail> Runs { get; } = new(StringComparer.Ordinal);

    public List<Alert> Alerts { get; } = [];

    public Dictionary<string, Series> Series { get; } = new(StringComparer.Ordinal);

    public SeriesRequest? LastSeries { get; private set; }

    public Task WriteAsync(IReadOnlyList<RunWrites> batch, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyDictionary<string, long>> CommittedPositionsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long> CommittedPositionAsync(string runId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<RunSummary>> ListRunsAsync(string project, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RunSummary>>([.. Runs.Values.Select(r => r.Summary).Where(r => project.Length == 0 || r.Project == project).Take(limit)]);

    public Task<RunDetail?> GetRunAsync(string runId, CancellationToken cancellationToken) => Task.FromResult(Runs.GetValueOrDefault(runId));

    public Task<SeriesResponse> GetSeriesAsync(SeriesRequest request, CancellationToken cancellationToken)
    {
        LastSeries = request;
        lock (Series)
            return Task.FromResult(new SeriesResponse { Series = { Runs.ContainsKey(request.RunId) ? request.Names.Where(Series.ContainsKey).Select(n => From(Series[n], request)) : [] } });
    }

    public Task<IReadOnlyList<SeriesInfo>> ListSeriesAsync(string runId, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SeriesInfo>>(Runs.ContainsKey(runId) ? [.. Series.Values.Select(s => new SeriesInfo { Name = s.Name, Unit = s.Unit })] : []);

    public Task<IReadOnlyList<Alert>> ListAlertsAsync(ListAlertsRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Alert>>([.. Alerts.Where(a => (request.RunId.Length == 0 || a.RunId == request.RunId) && a.Ordinal > request.AfterOrdinal)]);

    public Task<AroundResponse> GetAroundAsync(AroundRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(new AroundResponse { Series = { Series.Values }, Alerts = { Alerts } });

    public Task ExportAsync(string runId, string path, ExportFormat format, bool layers, CancellationToken cancellationToken) =>
        Runs.ContainsKey(runId) ? throw new NotSupportedException() : throw new KeyNotFoundException($"There is no run '{runId}'.");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Series From(Series all, SeriesRequest request)
    {
        if (!request.HasFrom)
            return all.Clone();
        var result = new Series { Name = all.Name, Unit = all.Unit, Attempt = all.Attempt, Segment = all.Segment };
        for (var i = 0; i < all.X.Count; i++)
        {
            if (all.X[i] < request.From)
                continue;
            result.X.Add(all.X[i]);
            result.Min.Add(all.Min[i]);
            result.Max.Add(all.Max[i]);
            result.Last.Add(all.Last[i]);
            result.Count.Add(all.Count[i]);
            result.NonFinite.Add(all.NonFinite[i]);
        }

        return result;
    }
}
