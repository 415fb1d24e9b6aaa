using System.Threading.RateLimiting;
using TrainingMonitor.Server.Errors;
using TrainingMonitor.Server.Hosting;

namespace TrainingMonitor.Server.Security.Limits;

/// <summary>What one token, certificate or the owner may ask for in a second, and have open at once: one that runs wild must not take the server from all others. Thread-safe.</summary>
internal sealed class CallerLimits(ServerOptions options) : IDisposable
{
    // A trainer that comes back a moment later would find room for a few reports only, and spend its time with reconnecting.
    private static readonly TimeSpan LeastWait = TimeSpan.FromSeconds(1), FullWait = TimeSpan.FromSeconds(10);
    private readonly PartitionedRateLimiter<Caller> reports = Buckets(options.ReportsPerSecond);
    private readonly PartitionedRateLimiter<Caller> queries = Buckets(options.QueriesPerSecond);
    private readonly Dictionary<string, Usage> open = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private long refused;

    /// <summary>Streams and queries refused for a limit so far.</summary>
    public long Refused => Interlocked.Read(ref refused);

    /// <summary>Takes reports out of the caller's bucket, all or none.</summary>
    /// <exception cref="Grpc.Core.RpcException">RESOURCE_EXHAUSTED with the time to wait: what was acked stays, the rest is sent again.</exception>
    public void TakeReports(Caller caller, int count)
    {
        // A frame larger than the bucket empties it: it could never pass otherwise.
        using var lease = reports.AttemptAcquire(caller, Math.Clamp(count, 1, 2 * options.ReportsPerSecond));
        if (!lease.IsAcquired)
            throw Exhausted($"\"{caller.Name}\" sends more than {options.ReportsPerSecond} reports a second, which is the limit (ReportsPerSecond).", Wait(lease));
    }

    /// <summary>Takes a query out of the caller's bucket; the time to wait where it is empty.</summary>
    public TimeSpan? TakeQuery(Caller caller)
    {
        using var lease = queries.AttemptAcquire(caller);
        if (lease.IsAcquired)
            return null;
        Interlocked.Increment(ref refused);
        return Wait(lease);
    }

    /// <summary>What a query is refused with.</summary>
    public string TooManyQueries(Caller caller) => $"\"{caller.Name}\" asks more than {options.QueriesPerSecond} queries a second, which is the limit (QueriesPerSecond).";

    /// <summary>A place for a stream of a run; it is free again when disposed.</summary>
    /// <exception cref="Grpc.Core.RpcException">RESOURCE_EXHAUSTED with the time to wait.</exception>
    public IDisposable Enter(Caller caller, string runId)
    {
        lock (gate)
        {
            var usage = open.TryGetValue(caller.Key, out var known) ? known : open[caller.Key] = new Usage();
            if (usage.Streams >= options.StreamsPerToken)
                throw Exhausted($"\"{caller.Name}\" has {usage.Streams} streams open, which is the limit (StreamsPerToken).", FullWait);
            if (!usage.Runs.ContainsKey(runId) && usage.Runs.Count >= options.RunsPerToken)
                throw Exhausted($"\"{caller.Name}\" has {usage.Runs.Count} runs open, which is the limit (RunsPerToken).", FullWait);
            usage.Streams++;
            usage.Runs[runId] = usage.Runs.GetValueOrDefault(runId) + 1;
        }

        return new Place(this, caller.Key, runId);
    }

    public void Dispose()
    {
        reports.Dispose();
        queries.Dispose();
    }

    private static PartitionedRateLimiter<Caller> Buckets(int perSecond) => PartitionedRateLimiter.Create<Caller, string>(caller => RateLimitPartition.GetTokenBucketLimiter(
        caller.Key,
        _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = 2 * perSecond,
            TokensPerPeriod = Math.Max(1, perSecond / 10),
            ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1, perSecond / 10) / (double)perSecond),
            QueueLimit = 0,
        }));

    private static TimeSpan Wait(RateLimitLease lease) => lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) && wait > LeastWait ? wait : LeastWait;

    private Grpc.Core.RpcException Exhausted(string problem, TimeSpan wait)
    {
        Interlocked.Increment(ref refused);
        return Refusal.Exhausted(problem, wait);
    }

    private void Leave(string key, string runId)
    {
        lock (gate)
        {
            if (!open.TryGetValue(key, out var usage))
                return;
            usage.Streams--;
            if (--usage.Runs[runId] == 0)
                usage.Runs.Remove(runId);
            if (usage.Streams == 0)
                open.Remove(key);
        }
    }

    private sealed class Usage
    {
        public int Streams { get; set; }

        public Dictionary<string, int> Runs { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Place(CallerLimits limits, string key, string runId) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
                limits.Leave(key, runId);
        }
    }
}
