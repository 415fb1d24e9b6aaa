using Akka.Actor;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Clustering.Messages;
using TrainingMonitor.Runs.Gateway;

namespace TrainingMonitor.Runs.Clustering.Sessions;

/// <summary>The server's end of a stream whose run may be on another node.</summary>
internal sealed class ForwardedStream(Welcome welcome, string ingest, IActorRef run, IActorRef session) : IRunStream
{
    // Nodes tell each other that they live over the same connection: a large frame must not hold that up.
    private const int PartBytes = 48 << 10;
    private ulong posted;
    private ulong received = welcome.ResumeAfter;
    private long waitingSince;

    public Welcome Welcome { get; } = welcome;

    /// <summary>gRPC address of the run's node; empty: not said.</summary>
    public string Ingest { get; } = ingest;

    public IActorRef Run { get; } = run;

    /// <summary>The run is on this node.</summary>
    public bool IsHere => Run.Path.Address.HasLocalScope;

    public void Post(TrainerFrame frame, ReadOnlyMemory<byte> raw)
    {
        if (Volatile.Read(ref received) >= Volatile.Read(ref posted))
        {
            Volatile.Write(ref waitingSince, Environment.TickCount64);
        }

        Volatile.Write(ref posted, Math.Max(posted, frame.Sequence));
        if (IsHere || raw.Length <= PartBytes)
        {
            Run.Tell(new PostFrame(raw, IsLast: true, frame), session);
            return;
        }

        for (var start = 0; start < raw.Length; start += PartBytes)
        {
            var length = Math.Min(PartBytes, raw.Length - start);
            Run.Tell(new PostFrame(raw.Slice(start, length), start + length == raw.Length, null), session);
        }
    }

    public void Disconnected() => session.Tell(StreamLost.Instance, ActorRefs.NoSender);

    /// <summary>The run has everything up to a sequence.</summary>
    public void Received(ulong sequence)
    {
        if (sequence > Volatile.Read(ref received))
        {
            Volatile.Write(ref waitingSince, Environment.TickCount64);
            Volatile.Write(ref received, sequence);
        }
    }

    /// <summary>Frames are on their way, and nothing has been heard of them for so long.</summary>
    public bool HasWaitedSince(TimeSpan time) =>
        Volatile.Read(ref posted) > Volatile.Read(ref received) && Environment.TickCount64 - Volatile.Read(ref waitingSince) > time.TotalMilliseconds;
}
