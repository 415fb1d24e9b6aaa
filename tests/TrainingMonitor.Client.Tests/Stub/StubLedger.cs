using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client.Tests.Stub;

/// <summary>What the stub server holds of one client process.</summary>
internal sealed class StubLedger
{
    private readonly Lock gate = new();
    private readonly List<byte[]> applied = [];
    private readonly Dictionary<ulong, byte[]> seen = [];
    private ulong lost;

    /// <summary>Sequence of the last frame applied.</summary>
    public ulong Received
    {
        get
        {
            lock (gate)
            {
                return Newest;
            }
        }
    }

    /// <summary>Frames that a Hello gave up.</summary>
    public ulong Lost
    {
        get
        {
            lock (gate)
            {
                return lost;
            }
        }
    }

    public ulong Durable { get; private set; }

    /// <summary>Frames that came again with other bytes.</summary>
    public int Changed { get; private set; }

    /// <summary>Frames that came again.</summary>
    public int Duplicates { get; private set; }

    public IReadOnlyList<TrainerFrame> Frames
    {
        get
        {
            lock (gate)
            {
                return [.. applied.Select(b => TrainerFrame.Parser.ParseFrom(b))];
            }
        }
    }

    public IReadOnlyList<StepReport> Steps => [.. Frames.Where(f => f.Steps is not null).SelectMany(f => f.Steps.Reports)];

    public bool SaidGoodbye => Frames.Any(f => f.Goodbye is not null);

    private ulong Newest => lost + (ulong)applied.Count;

    /// <summary>The client can send nothing older.</summary>
    public void Opened(Hello hello)
    {
        lock (gate)
        {
            lost += Math.Max(hello.OldestSequence, Newest + 1) - (Newest + 1);
        }
    }

    /// <summary>Applies a frame that is the next one; false where there is a gap.</summary>
    public bool Apply(ulong sequence, byte[] bytes)
    {
        lock (gate)
        {
            if (seen.TryGetValue(sequence, out var before))
            {
                Duplicates++;
                Changed += before.AsSpan().SequenceEqual(bytes) ? 0 : 1;
            }

            seen[sequence] = bytes;
            if (sequence == Newest + 1)
            {
                applied.Add(bytes);
            }

            return sequence <= Newest;
        }
    }

    public void Persist()
    {
        lock (gate)
        {
            Durable = Newest;
        }
    }

    public void LoseNonDurable()
    {
        lock (gate)
        {
            applied.RemoveRange((int)(Durable - lost), (int)(Newest - Durable));
        }
    }
}
