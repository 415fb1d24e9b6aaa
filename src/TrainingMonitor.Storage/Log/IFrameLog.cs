namespace TrainingMonitor.Storage.Log;

/// <summary>Append-only log of accepted inputs, fsynced in groups. The source of truth of the embedded server: snapshots and series are derived from it.</summary>
public interface IFrameLog : IAsyncDisposable
{
    /// <summary>Position of the newest appended record; 0 when empty.</summary>
    long LastPosition { get; }

    /// <summary>Position up to which everything is durable.</summary>
    long DurablePosition { get; }

    /// <summary>Position of the oldest record still held.</summary>
    long FirstPosition { get; }

    /// <summary>Bytes appended and not yet durable: what credits are computed from.</summary>
    long PendingBytes { get; }

    /// <summary>Appends a record and returns its position. Copies the body; never blocks on the disk. Thread-safe.</summary>
    /// <exception cref="IOException">The log has failed.</exception>
    long Append(FrameRecordKind kind, string runId, int attempt, int rank, ReadOnlySpan<byte> body, IFrameLogObserver observer);

    /// <summary>Reads durable records in order, from a position, optionally of one run. Safe beside appends.</summary>
    IEnumerable<FrameRecord> Read(long fromPosition, string? runId = null);

    /// <summary>Everything below the position is no longer needed to recover; it goes when the disk cap asks for it, oldest first.</summary>
    void Release(long position);
}
