using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Runs.Tests.Kit;

/// <summary>A frame log in memory whose durability the test decides.</summary>
internal sealed class MemoryLog : IFrameLog
{
    private readonly Lock gate = new();
    private readonly List<FrameRecord> records = [];
    private readonly HashSet<IFrameLogObserver> waiting = [];
    private long durable;
    private IOException? failure;

    /// <summary>Everything is durable at once.</summary>
    public bool Auto { get; set; } = true;

    public long LastPosition => Locked(() => records.Count);

    public long DurablePosition => Locked(() => durable);

    public long FirstPosition => 1;

    public long PendingBytes { get; set; }

    public long Released { get; private set; }

    public long Append(FrameRecordKind kind, string runId, int attempt, int rank, ReadOnlySpan<byte> body, IFrameLogObserver observer)
    {
        long position;
        var copy = body.ToArray();
        lock (gate)
        {
            if (failure is not null)
            {
                throw failure;
            }

            position = records.Count + 1;
            records.Add(new FrameRecord(position, kind, runId, attempt, rank, copy));
            waiting.Add(observer);
        }

        if (Auto)
        {
            MakeDurable();
        }

        return position;
    }

    public void MakeDurable(long position = long.MaxValue)
    {
        List<IFrameLogObserver> told;
        lock (gate)
        {
            durable = Math.Max(durable, Math.Min(position, records.Count));
            position = durable;
            told = [.. waiting];
        }

        told.ForEach(observer => observer.OnDurable(position));
    }

    public void Fail(IOException? error)
    {
        List<IFrameLogObserver> told;
        lock (gate)
        {
            failure = error;
            told = [.. waiting];
        }

        if (error is not null)
        {
            told.ForEach(observer => observer.OnFailed(error));
        }
    }

    public IEnumerable<FrameRecord> Read(long fromPosition, string? runId = null) =>
        Locked(() => records.Where(record => record.Position >= fromPosition && record.Position <= durable && (runId is null || record.RunId == runId)).ToList());

    public void Release(long position) => Released = position;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>What a kill leaves.</summary>
    public MemoryLog Crash() => Locked(() =>
    {
        var left = new MemoryLog { durable = durable };
        left.records.AddRange(records.Take((int)durable));
        return left;
    });

    private T Locked<T>(Func<T> read)
    {
        lock (gate)
        {
            return read();
        }
    }
}
