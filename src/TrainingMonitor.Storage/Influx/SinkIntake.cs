using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Influx;

/// <summary>Stands between the writer of the store and the spool: one worker puts writes into the spool, so that a disk that stalls holds up nobody for long. What does not fit into the queue
/// meanwhile is left out: layer windows first, the oldest first.</summary>
/// <param name="spool">Puts a write into the spool; does not throw.</param>
/// <param name="flush">Ends a batch.</param>
/// <param name="mostFields">About so many fields may wait.</param>
internal sealed class SinkIntake(Action<RunWrites> spool, Action flush, long mostFields) : IAsyncDisposable
{
    private const int FieldsAPoint = 20;
    private const int FieldsALayer = 80;

    private readonly LinkedList<Entry> queue = new();
    private readonly SemaphoreSlim arrived = new(0);
    private readonly CancellationTokenSource ending = new();
    private Task? worker;
    private long fields;
    private long shedLines;

    /// <summary>Lines that were left out because they came faster than they could be spooled.</summary>
    public long ShedLines => Volatile.Read(ref shedLines);

    public void Start() => worker = Task.Run(WorkAsync);

    /// <summary>Queues a batch and returns at once; the task ends when all of it is in the spool or left out.</summary>
    public Task AddAsync(IReadOnlyList<RunWrites> batch)
    {
        var entry = new Entry(batch);
        lock (queue)
        {
            queue.AddLast(entry);
            fields += entry.Fields;
            Shed();
        }

        arrived.Release();
        return entry.Done.Task;
    }

    /// <summary>Spools what is queued and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        arrived.Release();
        await (worker ?? Task.CompletedTask);
        ending.Dispose();
        arrived.Dispose();
    }

    private async Task WorkAsync()
    {
        while (true)
        {
            await arrived.WaitAsync();
            if (Take() is not { } entry)
            {
                if (ending.IsCancellationRequested)
                {
                    return;
                }

                continue;
            }

            foreach (var writes in entry.Writes)
            {
                spool(writes);
            }

            flush();
            entry.Done.SetResult();
        }
    }

    private Entry? Take()
    {
        lock (queue)
        {
            if (queue.First is not { } first)
            {
                return null;
            }

            queue.RemoveFirst();
            fields -= first.Value.Fields;
            return first.Value;
        }
    }

    private void Shed()
    {
        for (var node = queue.First; node is not null && fields > mostFields; node = node.Next)
        {
            Count(node.Value.DropWindows());
        }

        while (fields > mostFields && queue.First is { } oldest)
        {
            Count(oldest.Value.DropAll());
            queue.RemoveFirst();
            oldest.Value.Done.SetResult();
        }
    }

    private void Count((long Lines, long Fields) dropped)
    {
        Interlocked.Add(ref shedLines, dropped.Lines);
        fields -= dropped.Fields;
    }

    private sealed class Entry
    {
        public Entry(IReadOnlyList<RunWrites> writes)
        {
            Writes = writes;
            Fields = Cost(writes);
        }

        public IReadOnlyList<RunWrites> Writes { get; private set; }

        /// <summary>About so many fields.</summary>
        public long Fields { get; private set; }

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public (long Lines, long Fields) DropWindows() => Replace([.. Writes.Select(write => write with { Blocks = [] })]);

        public (long Lines, long Fields) DropAll() => Replace([]);

        private static long Cost(IReadOnlyList<RunWrites> writes) =>
            writes.Sum(write => (Rows(write) * FieldsAPoint) + (Windows(write) * FieldsALayer));

        private static long Rows(RunWrites write) => write.Points.Count + write.Probes.Count + write.Scalars.Count + write.Alerts.Count;

        private static long Windows(RunWrites write) => write.Blocks.Sum(block => (long)block.LayerNames.Count);

        private (long Lines, long Fields) Replace(RunWrites[] kept)
        {
            var (lines, cost) = (Lines(), Fields);
            Writes = kept;
            Fields = Cost(kept);
            return (lines - Lines(), cost - Fields);
        }

        private long Lines() => Writes.Sum(write => Rows(write) + Windows(write));
    }
}
