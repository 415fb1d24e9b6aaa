namespace TrainingMonitor.Storage.Influx.Writing;

/// <summary>What became of lines. Every line taken into the spool ends in exactly one of accepted, beyond retention, dead letters or (the spool's) dropped.</summary>
public sealed class InfluxCounters
{
    private long requests;
    private long accepted;
    private long beyondRetention;
    private long deadLetters;
    private long kept;
    private long bytes;

    /// <summary>Requests with lines.</summary>
    public long Requests => Volatile.Read(ref requests);

    /// <summary>Bytes of lines sent, before compression.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    /// <summary>Lines the server has.</summary>
    public long Accepted => Volatile.Read(ref accepted);

    /// <summary>Lines older than the server keeps any.</summary>
    public long BeyondRetention => Volatile.Read(ref beyondRetention);

    /// <summary>Lines refused for good.</summary>
    public long DeadLetters => Volatile.Read(ref deadLetters);

    /// <summary>Answers that said: not now.</summary>
    public long Kept => Volatile.Read(ref kept);

    internal void Request(int size)
    {
        Interlocked.Increment(ref requests);
        Interlocked.Add(ref bytes, size);
    }

    internal void Keep() => Interlocked.Increment(ref kept);

    internal void Settle(long acceptedLines, long beyond, long dead)
    {
        Interlocked.Add(ref accepted, acceptedLines);
        Interlocked.Add(ref beyondRetention, beyond);
        Interlocked.Add(ref deadLetters, dead);
    }
}
