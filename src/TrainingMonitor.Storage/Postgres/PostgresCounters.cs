namespace TrainingMonitor.Storage.Postgres;

/// <summary>What this node has written to the shared log.</summary>
public sealed class PostgresCounters
{
    private long commits;
    private long records;
    private long bytes;
    private long retries;
    private long fenced;
    private double lastCommitSeconds;

    /// <summary>Groups committed.</summary>
    public long Commits => Volatile.Read(ref commits);

    /// <summary>Records made durable.</summary>
    public long Records => Volatile.Read(ref records);

    /// <summary>Bytes made durable.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    /// <summary>Tries that failed and were repeated.</summary>
    public long Retries => Volatile.Read(ref retries);

    /// <summary>Runs that were found to have changed hands.</summary>
    public long Fenced => Volatile.Read(ref fenced);

    /// <summary>Seconds that the last commit took, its failed tries among them.</summary>
    public double LastCommitSeconds => Volatile.Read(ref lastCommitSeconds);

    internal void Commit(double seconds)
    {
        Interlocked.Increment(ref commits);
        Volatile.Write(ref lastCommitSeconds, seconds);
    }

    internal void Add(long recordCount, long byteCount)
    {
        Interlocked.Add(ref records, recordCount);
        Interlocked.Add(ref bytes, byteCount);
    }

    internal void Retry() => Interlocked.Increment(ref retries);

    internal void Fence() => Interlocked.Increment(ref fenced);
}
