using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Akka;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Runs.Actors;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.Series;

/// <summary>Batches the points of all runs into the series store. A full queue refuses (its run then grants no credits); a failed write is tried again until
/// it succeeds or the node stops: nothing is dropped.</summary>
internal sealed partial class SeriesWriter(ISeriesStore store, TimeProvider time, ILogger<SeriesWriter> logger) : IDisposable
{
    // Each run has at most one write here (OutputQueue), so that this is the number of runs that can wait at once; the others try again at their next tick.
    private const int QueueLength = 16_384;

    // A transaction takes all that has come, up to this weight: with many slow runs one point of each, with few fast ones what they have gathered.
    private const long PointsABatch = 131_072;

    // A transaction costs milliseconds of processor time, whatever is in it. So after each one the writer rests, and what comes meanwhile is the next batch:
    // a tenth of a second where the store is quick, longer where it is not, so that it works a fifth of the time at most.
    private const int RestsAWrite = 4;
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly Channel<SeriesWrite> queue = Channel.CreateBounded<SeriesWrite>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly CancellationTokenSource stopping = new();
    private readonly SemaphoreSlim hurry = new(0, 1);
    private readonly ConcurrentDictionary<string, int> onTheirWay = new(StringComparer.Ordinal);
    private long written;
    private long failures;
    private long waiting;
    private bool ending;
    private Task? done;

    /// <summary>Writes that wait.</summary>
    public int Queued => queue.Reader.Count;

    /// <summary>Points of all runs that are not committed: queued here, or still with their runs.</summary>
    public long WaitingPoints => Volatile.Read(ref waiting);

    /// <summary>Writes committed.</summary>
    public long Written => Volatile.Read(ref written);

    /// <summary>Failed attempts.</summary>
    public long Failures => Volatile.Read(ref failures);

    /// <summary>Starts the graph.</summary>
    public void Start(IMaterializer materializer) =>
        done = ChannelSource.FromReader(queue.Reader)
            .BatchWeighted(PointsABatch, static write => write.Points, static first => new List<SeriesWrite> { first }, Add)
            .SelectAsync(1, WriteAndRestAsync)
            .RunWith(Sink.Ignore<NotUsed>(), materializer);

    /// <summary>A run has so many points more that are not committed, or fewer.</summary>
    public void Waiting(int points) => Interlocked.Add(ref waiting, points);

    /// <summary>Queues a write; false: the queue is full, try again later.</summary>
    public bool TryWrite(SeriesWrite write)
    {
        onTheirWay.AddOrUpdate(write.Writes.RunId, 1, static (_, count) => count + 1);
        if (queue.Writer.TryWrite(write))
        {
            return true;
        }

        Arrived(write.Writes.RunId);
        return false;
    }

    /// <summary>Ends the writer's rest: a run is about to wait for the store.</summary>
    public void Hurry()
    {
        lock (hurry)
        {
            if (hurry.CurrentCount == 0)
            {
                hurry.Release();
            }
        }
    }

    /// <summary>Whether writes of the run are queued or being written.</summary>
    public bool Has(string runId) => onTheirWay.ContainsKey(runId);

    /// <summary>Writes what is queued and stops.</summary>
    /// <param name="timeout">After it, what the store has not taken is left to the recovery from the log.</param>
    public async Task StopAsync(TimeSpan timeout)
    {
        queue.Writer.TryComplete();
        if (done is null)
        {
            return;
        }

        Volatile.Write(ref ending, true);
        Hurry();
        stopping.CancelAfter(timeout);
        try
        {
            await done;
        }
        catch (OperationCanceledException)
        {
            LogGivenUp(queue.Reader.Count);
        }
    }

    public void Dispose()
    {
        stopping.Dispose();
        hurry.Dispose();
    }

    private static List<SeriesWrite> Add(List<SeriesWrite> batch, SeriesWrite next)
    {
        batch.Add(next);
        return batch;
    }

    private async Task<NotUsed> WriteAndRestAsync(List<SeriesWrite> batch)
    {
        var started = Stopwatch.GetTimestamp();
        await WriteAsync(batch);
        var pause = Stopwatch.GetElapsedTime(started) * RestsAWrite;
        pause = pause < ShortestRest ? ShortestRest : pause > LongestRest ? LongestRest : pause;

        if (!Volatile.Read(ref ending))
        {
            // By the system's clock: an injected one that stands still must not stop the store.
            await hurry.WaitAsync(pause);
        }

        return NotUsed.Instance;
    }

    private async Task WriteAsync(List<SeriesWrite> batch)
    {
        var merged = RunWritesMerge.Merge(batch.ConvertAll(write => write.Writes));
        var pause = TimeSpan.FromMilliseconds(50);
        while (true)
        {
            try
            {
                await store.WriteAsync(merged, stopping.Token);
                break;
            }
            catch (Exception error) when (error is not OperationCanceledException || !stopping.IsCancellationRequested)
            {
                // Whatever the store says, the points are in the frame log and must get there: the runs wait.
                Interlocked.Increment(ref failures);
                LogFailed(merged.Count, pause, error);
                await Task.Delay(pause, time, stopping.Token);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }

        Interlocked.Add(ref written, batch.Count);
        foreach (var write in batch)
        {
            Arrived(write.Writes.RunId);
            write.Owner.Tell(new Committed(write.Writes.Position));
        }
    }

    private void Arrived(string runId)
    {
        if (onTheirWay.AddOrUpdate(runId, 0, static (_, all) => all - 1) == 0)
        {
            // Only at zero, and not if one more has come meanwhile.
            onTheirWay.TryRemove(new KeyValuePair<string, int>(runId, 0));
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The series store refused points of {Runs} runs; trying again in {Pause}.")]
    private partial void LogFailed(int runs, TimeSpan pause, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The series store did not take {Writes} writes before the stop; the next start writes them from the frame log.")]
    private partial void LogGivenUp(int writes);
}
