using Akka.Actor;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Gateway;
using Status = Grpc.Core.Status;

namespace TrainingMonitor.Runs.Actors;

/// <summary>One open stream. <see cref="Post"/> and <see cref="Disconnected"/> are called by the server; the rest belongs to the actor.</summary>
internal sealed class RunStream(IActorRef actor, IIngestSession session, int attempt, int rank, int maxWaiting, double frameBytes) : IRunStream
{
    private int waiting;
    private int closed;

    /// <summary>Start id of the trainer process; empty: not said.</summary>
    public string Process { get; init; } = "";

    /// <summary>When the process asked for it, by its clock, ns since the Unix epoch.</summary>
    public long AskedUnixNs { get; init; }

    public Welcome Welcome { get; private set; } = new();

    public int Attempt { get; } = attempt;

    public int Rank { get; } = rank;

    public bool IsClosed => Volatile.Read(ref closed) != 0;

    /// <summary>The trainer has been answered. Nothing may be sent before: Welcome is the first frame.</summary>
    public bool IsWelcome { get; private set; }

    /// <summary>What the trainer was told last.</summary>
    public Ack Told { get; set; } = new();

    /// <summary>An answer is due although nothing has moved (a duplicate came).</summary>
    public bool AckDue { get; set; }

    /// <summary>Sequence that a resend was asked from; 0: none is missing.</summary>
    public ulong ResendFrom { get; set; }

    /// <summary>Mean size of the frames, bytes; before the first ones what is assumed of them.</summary>
    public double FrameBytes { get; private set; } = frameBytes;

    /// <summary>The same process asked for this one after it had asked for that one: questions that take different ways through the cluster arrive in any order.</summary>
    public bool IsNewerThan(Hello other) => Process.Length > 0 && Process == other.ClientStartId && AskedUnixNs > other.TimeUnixNs;

    public void Post(TrainerFrame frame, ReadOnlyMemory<byte> raw)
    {
        if (IsClosed)
        {
            return;
        }

        if (Interlocked.Increment(ref waiting) > maxWaiting)
        {
            Close(new Status(StatusCode.ResourceExhausted, $"More than {maxWaiting} frames wait: the stream does not keep to its credits."));
            return;
        }

        actor.Tell(new PostedFrame(this, frame, raw));
    }

    /// <summary>Nothing more is posted or sent. What was posted before reaches the actor before this does.</summary>
    public void Disconnected()
    {
        Volatile.Write(ref closed, 1);
        actor.Tell(new StreamGone(this));
    }

    public void Opened(Welcome welcome)
    {
        (Welcome, IsWelcome) = (welcome, true);
        Told = new Ack { Received = welcome.ResumeAfter, Durable = welcome.Durable, SendLimit = welcome.SendLimit };
    }

    /// <summary>A frame of another node comes to the actor without <see cref="Post"/>; credits were checked there.</summary>
    public void Arrived() => Interlocked.Increment(ref waiting);

    /// <summary>The actor has taken a frame out of its mailbox.</summary>
    public void Taken(int bytes)
    {
        Interlocked.Decrement(ref waiting);
        FrameBytes += (bytes - FrameBytes) / 16;
    }

    /// <summary>Hands a frame to the session; a session that cannot take it ends, and the trainer resumes.</summary>
    public void Send(ServerFrame frame)
    {
        if (IsWelcome && !IsClosed && !session.TrySend(frame))
        {
            Close(new Status(StatusCode.Unavailable, "The trainer does not read its answers."));
        }
    }

    /// <summary>Ends the stream, once.</summary>
    public void Close(Status status) => Close(new RpcException(status));

    /// <summary>Ends the stream with a status and its details, once.</summary>
    public void Close(RpcException error)
    {
        if (Interlocked.Exchange(ref closed, 1) == 0)
        {
            session.Close(error);
        }
    }
}
