using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Gateway;
using TrainingMonitor.Server.Errors;

namespace TrainingMonitor.Server.Ingest;

/// <summary>One trainer's stream, as the run actor sees it. Nothing here blocks.</summary>
internal sealed class IngestSession : IIngestSession
{
    private readonly TaskCompletionSource<RpcException> closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What waits to be written.</summary>
    public Outbox Outbox { get; } = new(TimeProvider.System);

    /// <summary>Completes with the reason when somebody other than the trainer ends the stream.</summary>
    public Task<RpcException> Closed => closed.Task;

    /// <inheritdoc/>
    public bool TrySend(ServerFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (closed.Task.IsCompleted)
            return false;
        if (Outbox.TryAdd(frame))
            return true;
        Close(Refusal.Exhausted($"The trainer does not read: {Outbox.Limit} messages wait for it.", TimeSpan.FromSeconds(1)));
        return false;
    }

    /// <inheritdoc/>
    public void Close(Status status) => Close(new RpcException(status));

    /// <inheritdoc/>
    public void Close(RpcException error)
    {
        Outbox.Complete();
        closed.TrySetResult(error);
    }

    /// <summary>Asks the trainer to leave.</summary>
    public void GoAway(string reason, double afterSeconds) => TrySend(new ServerFrame { GoAway = new GoAway { Reason = reason, AfterSeconds = afterSeconds } });
}
