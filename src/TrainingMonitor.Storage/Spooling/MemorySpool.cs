namespace TrainingMonitor.Storage.Spooling;

/// <summary>A spool in memory: for where there is no folder, and behind <see cref="DiskSpool"/> while its disk fails.</summary>
public sealed class MemorySpool : ISpool
{
    private readonly Lock held = new();
    private readonly Queue<SpoolRecord> queue = new();
    private readonly long capBytes;
    private long bytes;
    private long next = 1;

    // The newest that was removed: a second removal is not one of a batch that was dropped.
    private long settled;

    /// <summary>An empty one.</summary>
    /// <param name="capBytes">Bytes that may wait.</param>
    public MemorySpool(long capBytes)
        : this(capBytes, new SpoolCounters())
    {
    }

    internal MemorySpool(long capBytes, SpoolCounters counters)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capBytes);
        this.capBytes = capBytes;
        Counters = counters;
    }

    /// <inheritdoc/>
    public SpoolCounters Counters { get; }

    /// <inheritdoc/>
    public bool Append(ReadOnlySpan<byte> body, int lines) => Append(body, lines, next);

    /// <inheritdoc/>
    public bool Append(IReadOnlyList<SpoolBatch> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        var all = true;
        foreach (var batch in batches)
        {
            all &= Append(batch.Body.Span, batch.Lines);
        }

        return all;
    }

    /// <inheritdoc/>
    public bool TryPeek(long after, out SpoolRecord record)
    {
        lock (held)
        {
            // Those up to "after" are on their way: few.
            foreach (var waiting in queue)
            {
                if (waiting.Sequence > after)
                {
                    record = waiting;
                    return true;
                }
            }

            record = default;
            return false;
        }
    }

    /// <inheritdoc/>
    public void Remove(in SpoolRecord record)
    {
        lock (held)
        {
            if (queue.TryPeek(out var oldest) && oldest.Sequence == record.Sequence)
            {
                queue.Dequeue();
                bytes -= oldest.Body.Length;
                Counters.Remove(oldest.Lines, oldest.Body.Length);
            }
            else if (record.Sequence > settled)
            {
                Counters.Regain(record.Lines);
            }

            settled = Math.Max(settled, record.Sequence);
        }
    }

    /// <summary>Nothing to close.</summary>
    public void Dispose()
    {
    }

    /// <summary>Forgets the oldest without counting.</summary>
    internal void Forget()
    {
        lock (held)
        {
            bytes -= queue.Dequeue().Body.Length;
        }
    }

    internal bool Append(ReadOnlySpan<byte> body, int lines, long sequence)
    {
        lock (held)
        {
            Counters.Append(lines, body.Length);
            if (body.Length > capBytes)
            {
                Counters.Drop(lines, 1, body.Length);
                return false;
            }

            while (bytes + body.Length > capBytes)
            {
                var oldest = queue.Dequeue();
                bytes -= oldest.Body.Length;
                Counters.Drop(oldest.Lines, 1, oldest.Body.Length);
            }

            queue.Enqueue(new SpoolRecord(sequence, lines, body.ToArray()));
            next = sequence + 1;
            bytes += body.Length;
            return true;
        }
    }
}
