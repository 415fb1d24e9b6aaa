using System.Runtime.CompilerServices;
using System.Threading.Channels;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Server.Ingest;

/// <summary>
/// What waits to be written to one trainer. Bounded: acks are merged into one, everything else is kept in order and at most
/// <see cref="Limit"/> deep. One reader. An ack that only says that more is safe waits for the next ones, up to a limit of bytes and of time: docs/design/149.
/// </summary>
/// <param name="time">Clock of the limit of time.</param>
internal sealed class Outbox(TimeProvider time)
{
    /// <summary>Frames that cannot be merged and may wait.</summary>
    public const int Limit = 256;

    /// <summary>Bytes of frames that a trainer keeps because nothing was said of them, at most.</summary>
    public const int AckBytes = 64 * 1024;

    /// <summary>So long an ack waits at most, and then until <see cref="WakeWhenDue"/> is called.</summary>
    public static readonly TimeSpan AckInterval = TimeSpan.FromSeconds(3);

    private readonly Lock gate = new();
    private readonly Queue<ServerFrame> frames = new();
    private readonly Channel<bool> signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Pending? ack;
    private bool completed, hurried;
    private ulong sendLimit, durable, awaited = ulong.MaxValue;
    private ulong toldLimit;
    private long? toldAt;
    private long untoldBytes;

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
            (sendLimit, durable, toldLimit) = (Math.Max(sendLimit, welcome.SendLimit), Math.Max(durable, welcome.Durable), welcome.SendLimit);
    }

    /// <summary>A frame of so many bytes has come.</summary>
    public void Took(int bytes)
    {
        lock (gate)
            untoldBytes += bytes;
        WakeWhenDue();
    }

    /// <summary>The trainer is about to leave and waits for what is safe: acks wait no more.</summary>
    public void Hurry()
    {
        lock (gate)
            hurried = true;
        Wake();
    }

    /// <summary>Hands out an ack that has waited for its time.</summary>
    public void WakeWhenDue()
    {
        lock (gate)
        {
            if (!AckIsDue)
                return;
        }

        Wake();
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
                if (!AckIsDue)
                    return true;
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
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ServerFrame?> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (gate)
            {
                if (frames.TryDequeue(out var frame))
                    return frame;
                if (AckIsDue && ack is { } pending)
                {
                    (ack, untoldBytes, toldLimit, toldAt) = (null, 0, pending.SendLimit, time.GetTimestamp());
                    return new ServerFrame { Ack = pending.ToAck() };
                }

                if (completed)
                    return null;
            }

            await signal.Reader.ReadAsync(cancellationToken);
        }
    }

    // The first one is not kept waiting: so a trainer that has come back knows at once that it is heard.
    private bool AckIsDue =>
        ack is { } next
        && (completed || hurried || next.ResendFrom != 0 || untoldBytes >= AckBytes || IsShortOfCredits(next)
            || toldAt is not { } last || time.GetElapsedTime(last) >= AckInterval);

    // Half of what it was told is used and there is more.
    private bool IsShortOfCredits(Pending next) =>
        next.SendLimit > toldLimit && toldLimit - Math.Min(next.Received, toldLimit) <= (next.SendLimit - Math.Min(next.Received, next.SendLimit)) / 2;

    private void Merge(Ack newer)
    {
        sendLimit = Math.Max(sendLimit, newer.SendLimit);
        durable = Math.Max(durable, newer.Durable);
        completed = durable >= awaited;
        ack = (ack ?? default).With(newer);
    }

    private void Wake() => signal.Writer.TryWrite(true);

    // What the acks that wait say together. No message: one would be made for each frame of each stream, and nearly all of them replaced.
    private readonly record struct Pending(ulong Received, ulong Durable, ulong SendLimit, ulong ResendFrom)
    {
        public Pending With(Ack newer) => new(
            Math.Max(Received, newer.Received),
            Math.Max(Durable, newer.Durable),
            Math.Max(SendLimit, newer.SendLimit),
            // A resend asked for and not yet written stays asked for, until what was missing has come.
            newer.ResendFrom != 0 ? newer.ResendFrom : ResendFrom > newer.Received ? ResendFrom : 0);

        public Ack ToAck() => new() { Received = Received, Durable = Durable, SendLimit = SendLimit, ResendFrom = ResendFrom };
    }
}
