using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Gateway;
using TrainingMonitor.Runs.Homes;
using TrainingMonitor.Runs.Watching;
using Status = Grpc.Core.Status;

namespace TrainingMonitor.Runs.Actors;

/// <summary>To a run by its id, through the supervisor.</summary>
internal interface IRunMessage
{
    string RunId { get; }

    /// <summary>There is no such run in memory, or its actor has failed: whoever waits is answered.</summary>
    void NoActor();
}

/// <summary>A trainer says Hello. Starts the run's actor where there is none.</summary>
internal sealed record OpenStream(Hello Hello, IIngestSession Session, IStreamOpening Opening) : IRunMessage
{
    public string RunId => Hello.RunId;

    public void NoActor() =>
        Opening.Refused(new RpcException(new Status(StatusCode.Unavailable, $"Run {RunId} cannot be opened now; connect again.")));
}

/// <summary>A frame of a stream.</summary>
internal sealed record PostedFrame(RunStream Stream, TrainerFrame Frame, ReadOnlyMemory<byte> Raw);

/// <summary>The connection of a stream is gone.</summary>
internal sealed record StreamGone(RunStream Stream);

/// <summary>A reader wants the details.</summary>
internal sealed record GetDetail(string RunId, TaskCompletionSource<RunDetail?> Answer) : IRunMessage
{
    public void NoActor() => Answer.TrySetResult(null);
}

/// <summary>A reader watches.</summary>
internal sealed record Subscribe(string RunId, RunSubscriber Subscriber) : IRunMessage
{
    public void NoActor() => Subscriber.End();
}

/// <summary>A reader asks for the state as it is.</summary>
internal sealed record PullUpdate(string RunId, RunSubscriber Subscriber) : IRunMessage
{
    public void NoActor() => Subscriber.End();
}

/// <summary>A reader has gone.</summary>
internal sealed record Unsubscribe(string RunId, RunSubscriber Subscriber) : IRunMessage
{
    public void NoActor() => Subscriber.End();
}

/// <summary>Something for the trainers of a run.</summary>
internal sealed record AdviseTrainers(string RunId, Advice Advice, TaskCompletionSource<bool> Answer) : IRunMessage
{
    public void NoActor() => Answer.TrySetResult(false);
}

/// <summary>The log has made more durable; how much, its observer knows.</summary>
internal sealed class DurableAdvanced
{
    public static readonly DurableAdvanced Instance = new();
}

/// <summary>The log cannot write.</summary>
internal sealed record LogFailed(Exception Error);

/// <summary>The run has changed hands.</summary>
internal sealed class Fenced
{
    public static readonly Fenced Instance = new();
}

/// <summary>The series store has committed everything of the run up to a position.</summary>
internal sealed record Committed(long Position);

/// <summary>The snapshot store holds the state at a position.</summary>
internal sealed record SnapshotSaved(long Position);

/// <summary>The snapshot store failed.</summary>
internal sealed record SnapshotFailed(Exception Error);

/// <summary>Sent by a run to itself after the first of the messages that wait: hand on what they brought.</summary>
internal sealed class Flush
{
    public static readonly Flush Instance = new();
}

/// <summary>Look at the clock.</summary>
internal sealed class Tick
{
    public static readonly Tick Instance = new();
}

/// <summary>A run's state has been read.</summary>
internal sealed record RunLoaded(HeldRun Run);

/// <summary>A run's state could not be read.</summary>
internal sealed record RunLoadFailed(Exception Error);

/// <summary>A run has nothing to do any more.</summary>
internal sealed class Passivate
{
    public static readonly Passivate Instance = new();
}

/// <summary>Close the streams, wait for the stores, take a snapshot, stop.</summary>
internal sealed class StopRun
{
    public static readonly StopRun Instance = new();
}

/// <summary>Stop all runs.</summary>
internal sealed record StopAll(TaskCompletionSource Done);
