using Microsoft.Extensions.Logging;
using TrainingMonitor.Storage.Influx.Series;
using TrainingMonitor.Storage.Influx.Writing;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Influx;

/// <summary>The write side of <see cref="InfluxSeriesStore"/>: one batch at a time, points before positions.</summary>
internal sealed class InfluxStoreWriter : IDisposable
{
    private readonly BatchDelivery delivery;
    private readonly SeriesLines lines;
    private readonly MonitorLines ownLines;
    private readonly List<byte[]> bodies = [];
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly Dictionary<string, long> positions;
    private readonly TimeProvider time;
    private readonly LossCheck losses;
    private long stamp;

    public InfluxStoreWriter(HttpClient http, InfluxOptions options, string deadLetters, IReadOnlyDictionary<string, long> committed, LossCheck losses, TimeProvider time, ILogger logger)
    {
        (this.losses, this.time) = (losses, time);
        positions = new Dictionary<string, long>(committed, StringComparer.Ordinal);
        delivery = new BatchDelivery(new InfluxWriteClient(http, options, time, logger), new DeadLetterFile(deadLetters, time, logger), new InfluxCounters());
        lines = new SeriesLines((body, _) => bodies.Add(body.ToArray()));
        ownLines = new MonitorLines((body, _) => bodies.Add(body.ToArray()));
    }

    /// <summary>Position committed for each run.</summary>
    public async Task<IReadOnlyDictionary<string, long>> PositionsAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            return new Dictionary<string, long>(positions, StringComparer.Ordinal);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Position committed for one run; 0: nothing.</summary>
    public async Task<long> PositionAsync(string runId, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            return positions.GetValueOrDefault(runId);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Writes what is above the committed positions.</summary>
    /// <exception cref="IOException">The server did not take everything; nothing is committed, and the same batch may come again.</exception>
    public async Task WriteAsync(IReadOnlyList<RunWrites> batch, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            var committed = new Dictionary<string, long>(StringComparer.Ordinal);
            var rows = new Dictionary<string, RunWrites>(StringComparer.Ordinal);
            foreach (var writes in batch)
            {
                if (writes.Position <= committed.GetValueOrDefault(writes.RunId, positions.GetValueOrDefault(writes.RunId)))
                {
                    continue;
                }

                committed[writes.RunId] = writes.Position;
                lines.Add(writes);
                if (writes.Row is not null)
                {
                    rows[writes.RunId] = writes;
                }
            }

            await losses.BeforeWriteAsync(cancellationToken);
            await SendAsync(cancellationToken);
            foreach (var writes in rows.Values)
            {
                lines.AddRow(writes, Now());
            }

            foreach (var (runId, position) in committed)
            {
                lines.AddCommit(runId, position, Now());
            }

            await SendAsync(cancellationToken);
            foreach (var (runId, position) in committed)
            {
                positions[runId] = position;
                losses.Committed(runId, position);
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Tries once to write a node's own numbers.</summary>
    /// <exception cref="IOException">The server did not take them.</exception>
    public async Task WriteNumbersAsync(string node, IReadOnlyDictionary<string, double> numbers, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            ownLines.Add(node, numbers, Now());
            await SendAsync(cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        lines.Flush();
        try
        {
            foreach (var body in bodies)
            {
                var answer = await delivery.DeliverAsync(body, suspect: false, cancellationToken);
                if (answer.Outcome != WriteOutcome.Accept)
                {
                    if (answer.Status == 0)
                    {
                        losses.Away();
                    }

                    throw new IOException($"InfluxDB did not take a batch ({answer.Status}): {answer.Message}");
                }
            }
        }
        finally
        {
            bodies.Clear();
        }
    }

    // Rows and positions are the server's own: each has a stamp of its own, and the newest is the one with the highest position.
    private long Now()
    {
        stamp = Math.Max(stamp + 1, (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);
        return stamp;
    }
}
