using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Storage.Postgres.Log;

/// <summary>Writes what the runs of this node have appended, one group after the other. A group that fails is tried until it is written: its records have
/// positions, so a try that was written although its answer was lost is recognized.</summary>
internal sealed class Committer : IAsyncDisposable
{
    private const int GroupBytes = 4 << 20;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(20);
    private readonly LogTable table;
    private readonly PostgresOptions options;
    private readonly PostgresCounters counters;
    private readonly ILogger logger;
    private readonly TimeProvider time;
    private readonly Channel<OwnedRun> queue = Channel.CreateUnbounded<OwnedRun>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<OwnedRun, bool> runs = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly Task loop;
    private long pendingBytes;
    private int outage;

    public Committer(LogTable table, PostgresOptions options, PostgresCounters counters, ILogger logger, TimeProvider time)
    {
        this.table = table;
        this.options = options;
        this.counters = counters;
        this.logger = logger;
        this.time = time;
        loop = Task.Run(RunAsync);
    }

    /// <summary>Bytes that are appended and not durable.</summary>
    public long PendingBytes => Volatile.Read(ref pendingBytes);

    /// <summary>Takes room for a record.</summary>
    /// <exception cref="IOException">There is none, or the store is closed.</exception>
    public void Reserve(int size)
    {
        if (stopping.IsCancellationRequested)
        {
            throw new IOException("The shared log is closed.");
        }

        if (Interlocked.Add(ref pendingBytes, size) > options.MaxPendingBytes)
        {
            Interlocked.Add(ref pendingBytes, -size);
            throw new IOException($"PostgreSQL is {PendingBytes} bytes behind; the shared log takes no more until it has caught up.");
        }
    }

    /// <summary>Frees a chunk and the room it took.</summary>
    public void Release(Chunk chunk)
    {
        Interlocked.Add(ref pendingBytes, -chunk.RecordBytes);
        chunk.Free();
    }

    /// <summary>A run to tell of failures.</summary>
    public void Remember(OwnedRun run) => runs.TryAdd(run, true);

    /// <summary>A run that is told nothing any more.</summary>
    public void Forget(OwnedRun run) => runs.TryRemove(run, out _);

    /// <summary>A run has something to write.</summary>
    public void Enqueue(OwnedRun run) => queue.Writer.TryWrite(run);

    /// <summary>Tells an observer. One that throws must not stop the log of all runs.</summary>
    public void Tell(Action say)
    {
        try
        {
            say();
        }
        catch (Exception error)
        {
            PostgresMessages.ObserverFailed(logger, error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!stopping.IsCancellationRequested)
        {
            await stopping.CancelAsync();
            await loop;
            stopping.Dispose();
        }
    }

    private async Task RunAsync()
    {
        var group = new List<GroupItem>();
        while (true)
        {
            var started = time.GetTimestamp();
            Fill(group);
            if (group.Count > 0)
            {
                if (await WriteAsync(group, started) is not { } outcomes)
                {
                    PostgresMessages.Lost(logger, PendingBytes);
                    return;
                }

                Settle(group, outcomes);
                group.Clear();
                await WaitAsync(options.GroupInterval - time.GetElapsedTime(started));
            }
            else if (stopping.IsCancellationRequested)
            {
                return;
            }
            else
            {
                await ArrivalAsync();
            }
        }
    }

    /// <summary>At most one chunk of each run: the next one needs this one's position.</summary>
    private void Fill(List<GroupItem> group)
    {
        for (var bytes = 0; bytes < GroupBytes && queue.Reader.TryRead(out var run);)
        {
            var item = run.Take();
            bytes += item.Body.Length;
            group.Add(item);
        }
    }

    private async Task<GroupOutcome[]?> WriteAsync(List<GroupItem> group, long started)
    {
        var told = false;
        var wait = FirstWait;
        while (true)
        {
            try
            {
                var outcomes = await table.CommitAsync(group, CancellationToken.None);
                counters.Commit(time.GetElapsedTime(started).TotalSeconds);
                if (told)
                {
                    PostgresMessages.Recovered(logger, time.GetElapsedTime(started).TotalSeconds);
                }

                return outcomes;
            }
            catch (Exception error)
            {
                // Whatever it is (connection, disk full, rights): what has been accepted is kept and tried again. A person is told after a while.
                counters.Retry();
                if (stopping.IsCancellationRequested && time.GetElapsedTime(started) >= options.Patience)
                {
                    return null;
                }

                if (time.GetElapsedTime(started) >= options.Patience)
                {
                    if (!told)
                    {
                        told = true;
                        outage++;
                        PostgresMessages.Failed(logger, error);
                    }

                    var failure = new IOException($"PostgreSQL does not take the log: {error.Message}", error);
                    foreach (var run in runs.Keys)
                    {
                        run.OnFailed(failure, outage);
                    }
                }

                await WaitAsync(wait, evenWhenStopping: true);
                wait = wait * 2 < options.RetryInterval ? wait * 2 : options.RetryInterval;
            }
        }
    }

    private void Settle(List<GroupItem> group, GroupOutcome[] outcomes)
    {
        for (var i = 0; i < group.Count; i++)
        {
            var (item, outcome) = (group[i], outcomes[i]);
            var mine = outcome.Epoch == item.Run.Epoch;
            // Not written now, but there: an earlier try whose answer was lost.
            var durable = outcome.Written || (mine && outcome.Position >= item.Last && item.Chunk is not null);
            if (durable && item.Chunk is not null)
            {
                counters.Add(item.Last - item.First + 1, item.Chunk.RecordBytes);
            }

            if (item.Chunk is not null)
            {
                Release(item.Chunk);
            }

            if (durable)
            {
                if (item.Run.OnDurable(item))
                {
                    Enqueue(item.Run);
                }
            }
            else
            {
                counters.Fence();
                if (mine)
                {
                    PostgresMessages.WentBack(logger, item.Run.RunId, outcome.Position, item.First - 1);
                }
                else
                {
                    PostgresMessages.Fenced(logger, item.Run.RunId, item.Run.Epoch);
                }

                item.Run.OnFenced();
            }
        }
    }

    private async Task ArrivalAsync()
    {
        try
        {
            await queue.Reader.WaitToReadAsync(stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // What is queued is still written.
        }
    }

    private async Task WaitAsync(TimeSpan rest, bool evenWhenStopping = false)
    {
        if (rest > TimeSpan.Zero && (evenWhenStopping || !stopping.IsCancellationRequested))
        {
            try
            {
                await Task.Delay(rest, time, evenWhenStopping ? CancellationToken.None : stopping.Token);
            }
            catch (OperationCanceledException)
            {
                // The last groups are not paced.
            }
        }
    }
}
