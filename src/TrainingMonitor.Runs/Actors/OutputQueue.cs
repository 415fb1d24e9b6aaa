using Akka.Actor;
using TrainingMonitor.Runs.Series;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.Actors;

/// <summary>Points of one run on their way to the series store: first they wait until their inputs are durable in the log (else a crash could reuse their
/// positions for other points), then for the store.</summary>
internal sealed class OutputQueue(SeriesWriter writer, IActorRef actor)
{
    private readonly Queue<RunWrites> unsent = new();
    private readonly Queue<RunWrites> sent = new();

    /// <summary>Points that are not committed.</summary>
    public int Points { get; private set; }

    public bool IsEmpty => unsent.Count == 0 && sent.Count == 0;

    public void Add(RunWrites writes)
    {
        unsent.Enqueue(writes);
        Points += Size(writes);
    }

    /// <summary>Hands on what is durable, as far as the writer takes it.</summary>
    public void Send(long durable)
    {
        while (unsent.TryPeek(out var first) && first.Position <= durable && writer.TryWrite(new SeriesWrite(first, actor)))
        {
            sent.Enqueue(unsent.Dequeue());
        }
    }

    public void Committed(long position)
    {
        while (sent.TryPeek(out var first) && first.Position <= position)
        {
            Points -= Size(sent.Dequeue());
        }
    }

    /// <summary>Whether the store has everything up to a position.</summary>
    public bool IsCommitted(long position)
    {
        var first = sent.TryPeek(out var oldest) || unsent.TryPeek(out oldest) ? oldest : null;
        return first is null || first.Position > position;
    }

    // A layer window weighs as much as its numbers.
    private static int Size(RunWrites writes) =>
        1 + writes.Points.Count + writes.Probes.Count + writes.Scalars.Count + writes.Alerts.Count + writes.Blocks.Sum(block => 1 + (block.Count.Length / 16));
}
