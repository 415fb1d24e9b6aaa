namespace TrainingMonitor.Server.Ingest;

/// <summary>Counters of the ingest endpoint, read by /metrics.</summary>
internal sealed class IngestMetrics
{
    private long opened, frames, bytes, refused, alerts, acks, closed;

    /// <summary>Streams that got a Welcome.</summary>
    public long StreamsOpened => Interlocked.Read(ref opened);

    /// <summary>Streams ended, for whatever reason.</summary>
    public long StreamsClosed => Interlocked.Read(ref closed);

    /// <summary>Frames taken.</summary>
    public long Frames => Interlocked.Read(ref frames);

    /// <summary>Bytes of frames taken.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>Streams refused or ended for what the trainer sent.</summary>
    public long Refused => Interlocked.Read(ref refused);

    /// <summary>Alerts written to trainers.</summary>
    public long AlertsSent => Interlocked.Read(ref alerts);

    /// <summary>Acks written to trainers, after merging.</summary>
    public long AcksSent => Interlocked.Read(ref acks);

    public void OnOpened() => Interlocked.Increment(ref opened);

    public void OnClosed() => Interlocked.Increment(ref closed);

    public void OnRefused() => Interlocked.Increment(ref refused);

    public void OnAlert() => Interlocked.Increment(ref alerts);

    public void OnAck() => Interlocked.Increment(ref acks);

    public void OnFrame(int size)
    {
        Interlocked.Increment(ref frames);
        Interlocked.Add(ref bytes, size);
    }
}
