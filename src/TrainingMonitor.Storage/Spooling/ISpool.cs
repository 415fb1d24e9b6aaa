namespace TrainingMonitor.Storage.Spooling;

/// <summary>A bounded queue of batches on their way to a server that may be away. Appending never waits for the reader and never throws: where there is no room the
/// oldest goes, counted. One reader. Every implementation passes the suite <c>SpoolContract</c> of the tests.</summary>
public interface ISpool : IDisposable
{
    /// <summary>What became of the batches.</summary>
    SpoolCounters Counters { get; }

    /// <summary>Takes a batch; when it returns true the batch is kept (on disk, where the spool is there and the disk works).</summary>
    /// <param name="body">The batch; copied.</param>
    /// <param name="lines">Lines in it, for the counters.</param>
    /// <returns>False: it was larger than the whole spool and is counted as dropped.</returns>
    bool Append(ReadOnlySpan<byte> body, int lines);

    /// <summary>Takes several batches in order, which costs hardly more than one.</summary>
    /// <param name="batches">The batches; copied.</param>
    /// <returns>False: one or more were larger than the whole spool and are counted as dropped.</returns>
    bool Append(IReadOnlyList<SpoolBatch> batches);

    /// <summary>The oldest batch behind a sequence; the same until it is removed or dropped. Its body is valid until the next call of this method. Reading on is cheap
    /// with the sequence of the batch that was read last.</summary>
    /// <param name="after">A sequence; 0 for the oldest of all.</param>
    /// <param name="record">The batch.</param>
    bool TryPeek(long after, out SpoolRecord record);

    /// <summary>Forgets a batch that was peeked; the oldest first. One that was dropped meanwhile is counted as removed instead: its reader is done with it.</summary>
    void Remove(in SpoolRecord record);
}
