namespace TrainingMonitor.Storage.Spooling;

/// <summary>What became of the batches of a spool: what was appended or found at opening was removed, was dropped, was damaged, or is still there.</summary>
public sealed class SpoolCounters
{
    private long appendedLines;
    private long foundLines;
    private long removedLines;
    private long droppedLines;
    private long damagedLines;
    private long failures;
    private long bytes;
    private int records;

    /// <summary>Lines appended.</summary>
    public long AppendedLines => Volatile.Read(ref appendedLines);

    /// <summary>Lines found at opening.</summary>
    public long FoundLines => Volatile.Read(ref foundLines);

    /// <summary>Lines the reader is done with.</summary>
    public long RemovedLines => Volatile.Read(ref removedLines);

    /// <summary>Lines dropped for want of room, less those the reader had taken before and is done with.</summary>
    public long DroppedLines => Volatile.Read(ref droppedLines);

    /// <summary>Lines in damaged records.</summary>
    public long DamagedLines => Volatile.Read(ref damagedLines);

    /// <summary>Writes to the disk that failed; their batches wait in memory.</summary>
    public long Failures => Volatile.Read(ref failures);

    /// <summary>Bytes waiting.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    /// <summary>Batches waiting.</summary>
    public int Records => Volatile.Read(ref records);

    internal void Append(int lines, int size)
    {
        Interlocked.Add(ref appendedLines, lines);
        Waiting(1, size);
    }

    internal void Find(long lines, int count, long size)
    {
        Interlocked.Add(ref foundLines, lines);
        Waiting(count, size);
    }

    internal void Remove(int lines, int size)
    {
        Interlocked.Add(ref removedLines, lines);
        Waiting(-1, -size);
    }

    internal void Drop(long lines, int count, long size)
    {
        Interlocked.Add(ref droppedLines, lines);
        Waiting(-count, -size);
    }

    // Dropped while the reader had them, and the reader got them through all the same.
    internal void Regain(int lines)
    {
        Interlocked.Add(ref droppedLines, -lines);
        Interlocked.Add(ref removedLines, lines);
    }

    internal void Damage(long lines, int count, long size)
    {
        Interlocked.Add(ref damagedLines, lines);
        Waiting(-count, -size);
    }

    internal void Fail() => Interlocked.Increment(ref failures);

    private void Waiting(int count, long size)
    {
        Interlocked.Add(ref records, count);
        Interlocked.Add(ref bytes, size);
    }
}
