namespace TrainingMonitor.Notifications;

/// <summary>What became of the notifications of one receiver, since the server started. Thread-safe.</summary>
public sealed class ReceiverCounters
{
    private long sent;
    private long failed;
    private long retried;
    private long dropped;
    private long silenced;

    /// <summary>Delivered.</summary>
    public long Sent => Volatile.Read(ref sent);

    /// <summary>Refused for good.</summary>
    public long Failed => Volatile.Read(ref failed);

    /// <summary>Attempts that are to be made again.</summary>
    public long Retried => Volatile.Read(ref retried);

    /// <summary>Given up: the queue was full or the time was over.</summary>
    public long Dropped => Volatile.Read(ref dropped);

    /// <summary>Kept back by a silence or an acknowledgement.</summary>
    public long Silenced => Volatile.Read(ref silenced);

    internal void Send(int count) => Interlocked.Add(ref sent, count);

    internal void Fail(int count) => Interlocked.Add(ref failed, count);

    internal void Retry() => Interlocked.Increment(ref retried);

    internal void Drop(int count) => Interlocked.Add(ref dropped, count);

    internal void Silence() => Interlocked.Increment(ref silenced);
}
