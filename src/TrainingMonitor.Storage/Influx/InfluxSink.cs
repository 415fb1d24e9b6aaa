using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Storage.Influx.Series;
using TrainingMonitor.Storage.Influx.Writing;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Spooling;

namespace TrainingMonitor.Storage.Influx;

/// <summary>Copies writes to an InfluxDB: <see cref="AddAsync"/> hands them to the spool as numbers, one loop makes lines of them and brings these to the server in order. A server that is
/// away or refuses costs its own copy and nothing else.</summary>
public sealed class InfluxSink : IAsyncDisposable
{
    // So many times in a row the server may fail at a batch before its lines are looked at one by one.
    private const int FailuresUntilSuspect = 5;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);
    private readonly InfluxSinkOptions options;
    private readonly ISpool spool;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly HttpClient http;
    private readonly BatchDelivery delivery;
    private readonly SinkSpooler spooler;
    private readonly MonitorLines ownLines;
    private readonly SinkIntake intake;
    private readonly SemaphoreSlim arrived = new(0, 1);
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource ending = new();
    private readonly Task loop;
    private int disposed;
    private long emptyAt;
    private long nonFinite;

    private InfluxSink(InfluxSinkOptions options, ISpool spool, TimeProvider time, ILogger logger)
    {
        this.options = options;
        this.spool = spool;
        this.time = time;
        this.logger = logger;
        http = InfluxHttp.Create(options.Server, time);
        var deadLetters = new DeadLetterFile(Path.Combine(options.Spool.Folder, "dead-letters.lp"), time, logger);
        delivery = new BatchDelivery(new InfluxWriteClient(http, options.Server, time, logger), deadLetters, Counters);
        spooler = new SinkSpooler(spool, Signal, logger);
        ownLines = new MonitorLines((body, count) => spool.Append(body.Span, count));
        emptyAt = time.GetTimestamp();
        intake = new SinkIntake(spooler.Add, spooler.Flush, options.QueuedFields);
        intake.Start();
        loop = Task.Run(DrainAsync);
    }

    /// <summary>What became of the lines at the server.</summary>
    public InfluxCounters Counters { get; } = new();

    /// <summary>What became of them in the spool.</summary>
    public SpoolCounters Spooled => spool.Counters;

    /// <summary>Values left out because they were NaN or infinite.</summary>
    public long NonFinite => Volatile.Read(ref nonFinite);

    /// <summary>Lines left out because they came faster than they could be spooled.</summary>
    public long ShedLines => intake.ShedLines;

    /// <summary>How long batches have been waiting for the server without a moment in which none did, seconds; 0 while none waits. An upper bound of how far the copy is behind.</summary>
    public double BehindSeconds => spool.Counters.Records == 0 ? 0 : time.GetElapsedTime(Volatile.Read(ref emptyAt)).TotalSeconds;

    /// <summary>Opens the spool and begins to send what it holds. A server that does not answer is no reason to fail.</summary>
    /// <param name="options">Options; validated.</param>
    /// <param name="time">Clock.</param>
    /// <param name="loggers">Logs.</param>
    /// <exception cref="ValidationException">An option is wrong.</exception>
    public static InfluxSink Start(InfluxSinkOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(loggers);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        Validator.ValidateObject(options.Server, new ValidationContext(options.Server), validateAllProperties: true);
        return new InfluxSink(options, DiskSpool.Open(options.Spool, time, loggers.CreateLogger<DiskSpool>()), time, loggers.CreateLogger<InfluxSink>());
    }

    /// <summary>Takes writes and returns at once; the task ends when they are in the spool, and never fails: whoever writes to the store must not learn of the copy.</summary>
    public Task AddAsync(IReadOnlyList<RunWrites> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return batch.Count == 0 ? Task.CompletedTask : intake.AddAsync(batch);
    }

    /// <summary>Copies numbers of the node itself as one point of the measurement <c>monitor</c>, stamped by the server's clock. Thread-safe; never fails.</summary>
    /// <param name="node">Name of the node, a tag.</param>
    /// <param name="numbers">Values by name; NaN and infinity are left out.</param>
    public void AddNumbers(string node, IReadOnlyDictionary<string, double> numbers)
    {
        ArgumentException.ThrowIfNullOrEmpty(node);
        ArgumentNullException.ThrowIfNull(numbers);
        ownLines.Add(node, numbers, (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick);
        Signal();
    }

    /// <summary>Sends what is in the spool while the server takes it, a few seconds at most; the rest waits there for the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }

        await intake.DisposeAsync();
        stopping.CancelAfter(Grace);
        await ending.CancelAsync();
        await loop;
        spool.Dispose();
        http.Dispose();
        stopping.Dispose();
        ending.Dispose();
        arrived.Dispose();
    }

    private void Signal()
    {
        lock (arrived)
        {
            if (arrived.CurrentCount == 0)
            {
                arrived.Release();
            }
        }
    }

    private async Task DrainAsync()
    {
        var (body, ahead) = (new SpoolBody(spool, logger), new SpoolBody(spool, logger));
        var failures = 0;
        var away = false;
        while (true)
        {
            try
            {
                // What was put together while the server had the one before, or the oldest there is.
                if (body.IsEmpty && !body.Fill(0))
                {
                    Volatile.Write(ref emptyAt, time.GetTimestamp());
                    await arrived.WaitAsync(ending.Token);
                    continue;
                }

                var sending = delivery.DeliverAsync(body.Lines, suspect: failures >= FailuresUntilSuspect, stopping.Token);
                WriteAnswer answer;
                try
                {
                    if (!away)
                    {
                        ahead.Fill(body.Last);
                    }
                }
                finally
                {
                    // Until then the request reads the body.
                    answer = await sending;
                }

                if (answer.Outcome == WriteOutcome.Accept)
                {
                    Interlocked.Add(ref nonFinite, body.NonFinite);
                    Counters.Settle(0, 0, body.Unreadable);
                    body.Remove();
                    (body, ahead) = (ahead, body);
                    failures = 0;
                    if (away)
                    {
                        away = false;
                        InfluxMessages.AvailableAgain(logger, spool.Counters.Records);
                    }

                    continue;
                }

                // What waits is read again for each attempt: the spool may have dropped the oldest meanwhile.
                body.Clear();
                ahead.Clear();
                var pause = Pause(failures++);
                pause = answer.RetryAfter > pause ? answer.RetryAfter : pause;
                if (!away)
                {
                    away = true;
                    InfluxMessages.Unavailable(logger, answer.Status, answer.Message, spool.Counters.Records, pause);
                }

                await Task.Delay(pause, time, ending.Token);
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // Nothing a copy meets may end it silently, or the server with it.
                body.Clear();
                ahead.Clear();
                var pause = Pause(failures++);
                InfluxMessages.SinkFailed(logger, pause, error);
                await Task.Delay(pause, time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (ending.IsCancellationRequested)
                {
                    return;
                }
            }
        }
    }

    private TimeSpan Pause(int failures) =>
        TimeSpan.FromSeconds(Math.Min(options.LongestPauseSeconds, options.FirstPauseSeconds * Math.Pow(2, Math.Min(failures, 30))));
}
