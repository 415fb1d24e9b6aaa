using Grpc.Core;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client.Tests.Stub;

/// <summary>What the stub server does with one connection.</summary>
internal sealed record StubPlan
{
    /// <summary>Ends the call with this error at once.</summary>
    public RpcException? Reject { get; init; }

    /// <summary>Never answers the Hello.</summary>
    public bool Hang { get; init; }

    /// <summary>Answers, then neither reads nor acks.</summary>
    public bool StopReading { get; init; }

    /// <summary>Resets the connection after this many frames.</summary>
    public int AbortAfter { get; init; } = int.MaxValue;

    /// <summary>Forgets, with the reset, what was not durable.</summary>
    public bool LoseNonDurable { get; init; }

    /// <summary>Says GoAway after this many frames.</summary>
    public int GoAwayAfter { get; init; } = int.MaxValue;

    /// <summary>Where GoAway sends the client.</summary>
    public string ReconnectTo { get; init; } = "";

    /// <summary>Ends the call with this error after so many frames.</summary>
    public (int After, RpcException Error)? Fail { get; init; }

    /// <summary>Frames beyond the received ones that the client may send.</summary>
    public ulong Credits { get; init; } = 64;

    /// <summary>Every how many frames something becomes durable; 0: never.</summary>
    public int DurableEvery { get; init; } = 1;

    /// <summary>Pretends not to have got this frame the first time, and asks for it again.</summary>
    public ulong DropOnce { get; init; }

    /// <summary>Time taken for each frame.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Sent right after the Welcome.</summary>
    public IReadOnlyList<ServerFrame> Greetings { get; init; } = [];
}
