using System.Threading.Channels;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Server.Ingest;

/// <summary>
/// What waits to be written to one trainer. Bounded: acks are merged into one, everything else is kept in order and at most
/// <see cref="Limit"/> deep. One reader.
/// </summary>
internal sealed class Outbox
{
    /// <summary>Frames that cannot be merged and may wait.</summary>
    public const int Limit = 256;

    private readonly Lock gate = new();
    private readonly Queue<ServerFrame> frames = new();
    private readonly Channel<bool> signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Ack? ack;
    private bool completed;
    private ulong sendLimit, durable, awaited = ulong.MaxValue;

    /// <summary>Highest sequence that the trainer was, or is about to be, allowed to send.</summary>
    public ulong SendLimitNow()
    {
        lock (gate)
            return sendLimit;
    }

    /// <summary>Takes the limits of a Welcome, which is written before everything else.</summary>
    public void Begin(Welcome welcome)
    {
        lock (gate)
            (sendLimit, durable) = (Math.Max(sendLimit, welcome.SendLimit), Math.Max(durable, welcome.Durable));
    }

    /// <summary>Adds a frame; false when completed or full.</summary>
    public bool TryAdd(ServerFrame frame)
    {
        lock (gate)
        {
            if (completed)
                return false;
            if (frame.BodyCase == ServerFrame.BodyOneofCase.Ack)
            {
                Merge(frame.Ack);
            }
            else if (frames.Count >= Limit)
            {
                return false;
            }
            else
            {
                frames.Enqueue(frame);
            }
        }

        Wake();
        return true;
    }

    /// <summary>No more frames; what waits is still handed out.</summary>
    public void Complete()
    {
        lock (gate)
            completed = true;
        Wake();
    }

    /// <summary>As <see cref="Complete"/>, as soon as the sequence is told to be durable.</summary>
    public void CompleteWhenDurable(ulong sequence)
    {
        lock (gate)
        {
            awaited = sequence;
            completed |= durable >= awaited;
        }

        Wake();
    }

    /// <summary>The next frame: alerts and the like before acks. Null: completed and empty.</summary>
    public async ValueTask<ServerFrame?> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (gate)
            {
                if (frames.TryDequeue(out var frame))
                    return frame;
                if (ack is { } pending)
                {
                    ack = null;
                    return new ServerFrame { Ack = pending };
                }

                if (completed)
                    return null;
            }

            await signal.Reader.ReadAsync(cancellationToken);
        }
    }

    private void Merge(Ack newer)
    {
        sendLimit = Math.Max(sendLimit, newer.SendLimit);
        durable = Math.Max(durable, newer.Durable);
        completed = durable >= awaited;
        // A resend asked for and not yet written stays asked for, until what was missing has come.
        var resend = newer.ResendFrom != 0 ? newer.ResendFrom : ack is { } old && old.ResendFrom > newer.Received ? old.ResendFrom : 0;
        ack = new Ack
        {
            Received = Math.Max(ack?.Received ?? 0, newer.Received),
            Durable = Math.Max(ack?.Durable ?? 0, newer.Durable),
            SendLimit = Math.Max(ack?.SendLimit ?? 0, newer.SendLimit),
            ResendFrom = resend,
        };
    }

    private void Wake() => signal.Writer.TryWrite(true);
}
