using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Validation;

namespace TrainingMonitor.Client.Buffering;

/// <summary>The layer tables and descriptions that the frames still to be sent, and those given up, were made with. A server that does not hold the frames before the
/// oldest that can be sent (it lost its data, or they were given up) learns them from the Hello: docs/design/061. Not safe between threads.</summary>
/// <param name="first">The Hello of the process: what holds before the first frame.</param>
internal sealed class Grounds(Hello first)
{
    private readonly List<(ulong Sequence, TrainerFrame Frame)> frames = [];
    private LayerTable? table = first.LayerTable;
    private RunDescription? description = first.Description;

    /// <summary>Notes the frame where it is one.</summary>
    public void Note(in StoredFrame frame)
    {
        if (frame.Ground is { } ground)
        {
            frames.Add((frame.Sequence, ground));
        }
    }

    /// <summary>Something was settled that the Hello on disk does not say yet.</summary>
    public bool IsUnkept { get; private set; }

    /// <summary>The Hello on disk says it now.</summary>
    public void Kept() => IsUnkept = false;

    /// <summary>Moves what lies before a sequence out of the list: no Hello will begin before it any more.</summary>
    public void Settle(ulong oldest)
    {
        var count = frames.FindIndex(f => f.Sequence >= oldest);
        count = count < 0 ? frames.Count : count;
        foreach (var (_, frame) in frames.Take(count))
        {
            (table, description) = (frame.LayerTable ?? table, frame.Description ?? description);
        }

        frames.RemoveRange(0, count);
        IsUnkept |= count > 0;
    }

    /// <summary>The Hello of a stream that begins with what was settled.</summary>
    public Hello Opening()
    {
        var hello = first.Clone();
        (hello.LayerTable, hello.Description) = (table, description);
        if (hello.CalculateSize() > FrameLimits.Default.MaxFrameBytes - 1024)
        {
            // A table that only just fitted a frame of its own; any server but one that lost its data has it.
            hello.LayerTable = null;
        }

        return hello;
    }
}
