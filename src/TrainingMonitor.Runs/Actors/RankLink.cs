namespace TrainingMonitor.Runs.Actors;

/// <summary>What the actor knows of one rank beside its state: the open stream, and which of its frames are durable.</summary>
internal sealed class RankLink(int rank, ulong durable)
{
    private readonly Queue<(long Position, ulong Sequence)> pending = new();

    public int Rank { get; } = rank;

    /// <summary>The open stream; null: none.</summary>
    public RunStream? Stream { get; set; }

    /// <summary>The newest sequence that survives kill -9.</summary>
    public ulong Durable { get; private set; } = durable;

    /// <summary>A frame was appended to the log.</summary>
    public void Appended(long position, ulong sequence) => pending.Enqueue((position, sequence));

    /// <summary>The log is durable up to a position.</summary>
    public void DurableUpTo(long position)
    {
        while (pending.TryPeek(out var first) && first.Position <= position)
        {
            Durable = pending.Dequeue().Sequence;
        }
    }
}
