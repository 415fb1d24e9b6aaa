using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Runs.Tests.Kit;

/// <summary>A frame log in memory whose durability the test decides.</summary>
internal sealed class MemoryLog : IFrameLog
{
    private readonly Lock gate = new();
    private readonly List<FrameRecord> records = [];
    private readonly List<(long Position, IFrameLogObserver Observer)> waiting = [];
    private long durable;
    private Exception? failure;

    /// <summary>Everything is durable at once.</summary>
    public bool Auto { get; set; } = true;

    public long LastPosition => Locked(() => records.Count);

    public long DurablePosition => Locked(() => durable);

    public long FirstPosition => 1;

    public long PendingBytes { get; set; }

    /// <summary>Appends wait while it is not set.</summary>
    public ManualResetEventSlim Gate { get; } = new(initialState: true);

    public long Released { get; private set; }

    public long Append(FrameRecordKind kind, string runId, int attempt, int rank, ReadOnlySpan<byte> body, IFrameLogObserver observer)
    {
        long position;
        var copy = body.ToArray();
        Gate.Wait(TimeSpan.FromSeconds(20));
        lock (gate)
        {
            if (failure is not null)
            {
                throw failure;
            }

            position = records.Count + 1;
            records.Add(new FrameRecord(position, kind, runId, attempt, rank, copy));
            waiting.Add((position, observer));
        }

        if (Auto)
        {
            MakeDurable();
        }

        return position;
    }

    /// <summary>Tells those whose records became durable, and nobody else.</summary>
    public void MakeDurable(long position = long.MaxValue)
    {
        List<IFrameLogObserver> told;
        lock (gate)
        {
            durable = Math.Max(durable, Math.Min(position, records.Count));
            position = durable;
            told = [.. waiting.Where(one => one.Position <= position).Select(one => one.Observer).Distinct()];
            waiting.RemoveAll(one => one.Position <= position);
        }

        told.ForEach(observer => observer.OnDurable(position));
    }

    /// <summary>Appends fail from now on; null: no longer. Only those with records that wait are told.</summary>
    public void Fail(Exception? error)
    {
        List<IFrameLogObserver> told;
        lock (gate)
        {
            failure = error;
            told = [.. waiting.Select(one => one.Observer).Distinct()];
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
