using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.Tests.Kit;

/// <summary>A series store in memory that keeps the contract of positions. <see cref="Gate"/> holds writes back, <see cref="Failures"/> makes them fail.</summary>
internal sealed class MemorySeries : ISeriesStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, long> positions = [];
    private readonly Dictionary<string, List<string>> written = [];
    private readonly Dictionary<string, RunRow> rows = [];

    public Task Gate { get; set; } = Task.CompletedTask;

    public int Failures { get; set; }

    /// <summary>What is written again replaces itself, as points with a key do; nothing is left out for its position.</summary>
    public bool ByKey { get; init; }

    public async Task WriteAsync(IReadOnlyList<RunWrites> batch, CancellationToken cancellationToken)
    {
        await Gate.WaitAsync(cancellationToken);
        lock (gate)
        {
            if (Failures > 0)
            {
                Failures--;
                throw new IOException("The disk is full.");
            }

            foreach (var writes in batch.Where(writes => ByKey || writes.Position > positions.GetValueOrDefault(writes.RunId)))
            {
                positions[writes.RunId] = Math.Max(writes.Position, positions.GetValueOrDefault(writes.RunId));
                if (!written.TryGetValue(writes.RunId, out var lines))
                {
                    written.Add(writes.RunId, lines = []);
                }

                lines.AddRange(Outcome.Of(writes).Where(line => !ByKey || !lines.Contains(line)));
                if (writes.Row is not null)
                {
                    rows[writes.RunId] = writes.Row;
                }
            }
        }
    }

    /// <summary>Everything written of a run; order inside a write is by kind, so lines are sorted to compare.</summary>
    public List<string> Written(string runId)
    {
        lock (gate)
        {
            return written.TryGetValue(runId, out var lines) ? [.. lines.Order(StringComparer.Ordinal)] : [];
        }
    }

    public RunDetail? Row(string runId)
    {
        lock (gate)
        {
            return rows.TryGetValue(runId, out var row) ? RunDetail.Parser.ParseFrom(row.Detail) : null;
        }
    }

    public MemorySeries Crash()
    {
        lock (gate)
        {
            var left = new MemorySeries();
            foreach (var (run, position) in positions)
            {
                left.positions[run] = position;
                left.written[run] = [.. written[run]];
            }

            foreach (var (run, row) in rows)
            {
                left.rows[run] = row;
            }

            return left;
        }
    }

    public Task<IReadOnlyDictionary<string, long>> CommittedPositionsAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyDictionary<string, long>>(new Dictionary<string, long>(positions));
        }
    }

    public Task<long> CommittedPositionAsync(string runId, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult(positions.GetValueOrDefault(runId));
        }
    }

    public Task<IReadOnlyList<RunSummary>> ListRunsAsync(string project, int limit, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<RunSummary>>([.. rows.Values.Select(row => RunSummary.Parser.ParseFrom(row.Summary))]);
        }
    }

    public Task<RunDetail?> GetRunAsync(string runId, CancellationToken cancellationToken) => Task.FromResult(Row(runId));

    public Task<SeriesResponse> GetSeriesAsync(SeriesRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<SeriesInfo>> ListSeriesAsync(string runId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Alert>> ListAlertsAsync(ListAlertsRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<AroundResponse> GetAroundAsync(AroundRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ExportAsync(string runId, string path, ExportFormat format, bool layers, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
