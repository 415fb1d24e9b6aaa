using Akka.Actor;
using TrainingMonitor.Runs.Series;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.Actors;

/// <summary>Points of one run on their way to the series store: first they wait until their inputs are durable in the log (else a crash could reuse their
/// positions for other points), then for the store.</summary>
/// <remarks>The writer has one write of a run at a time; what comes meanwhile is the next one. So a batch of the writer, and its queue, is as long as there are runs that have something to write,
/// whatever number of groups of the log brought it.</remarks>
internal sealed class OutputQueue(SeriesWriter writer, IActorRef actor)
{
    // A single write stays a part of what a run may have on its way, so that the rest can be committed while more comes.
    private const int MostPointsAWrite = 65_536;

    private readonly Queue<RunWrites> unsent = new();
    private (long First, long Last, int Points)? sent;

    /// <summary>Points that are not committed.</summary>
    public int Points { get; private set; }

    public bool IsEmpty => unsent.Count == 0 && sent is null;

    public void Add(RunWrites writes)
    {
        unsent.Enqueue(writes);
        var size = Size(writes);
        Points += size;
        writer.Waiting(size);
    }

    /// <summary>Hands on what is durable, unless the writer has something of the run or does not take more.</summary>
    public void Send(long durable)
    {
        if (sent is not null || !unsent.TryPeek(out var first) || first.Position > durable)
        {
            return;
        }

        List<RunWrites> next = [];
        var points = 0;
        foreach (var writes in unsent)
        {
            var size = Size(writes);
            if (writes.Position > durable || (next.Count > 0 && points + size > MostPointsAWrite))
            {
                break;
            }

            next.Add(writes);
            points += size;
        }

        var merged = RunWritesMerge.OfOneRun(next);
        if (writer.TryWrite(new SeriesWrite(merged, points, actor)))
        {
            next.ForEach(_ => unsent.Dequeue());
            sent = (first.Position, merged.Position, points);
        }
    }

    public void Committed(long position)
    {
        if (sent is { } write && write.Last <= position)
        {
            sent = null;
            Points -= write.Points;
            writer.Waiting(-write.Points);
        }
    }

    /// <summary>Whether the store has everything up to a position.</summary>
    public bool IsCommitted(long position) =>
        (sent is not { } write || write.First > position) && (!unsent.TryPeek(out var first) || first.Position > position);

    /// <summary>The run leaves this node or its memory: nothing waits any more.</summary>
    public void Abandon()
    {
        writer.Waiting(-Points);
        Points = 0;
    }

    // A layer window weighs as much as its numbers.
    private static int Size(RunWrites writes) =>
        1 + writes.Points.Count + writes.Probes.Count + writes.Scalars.Count + writes.Alerts.Count + writes.Blocks.Sum(block => 1 + (block.Count.Length / 16));
}
