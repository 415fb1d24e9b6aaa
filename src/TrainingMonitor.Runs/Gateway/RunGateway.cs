using Akka.Actor;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Actors;
using TrainingMonitor.Runs.Hosting;
using TrainingMonitor.Runs.Watching;
using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Runs.Gateway;

/// <summary>The actors as the server sees them.</summary>
internal sealed class RunGateway(NodeContext node, IFrameLog log, IActorRef supervisor) : IRunGateway
{
    public IReadOnlyList<RunSummary> LiveRuns => node.Runs.All;

    public IReadOnlyDictionary<string, double> Metrics
    {
        get
        {
            var metrics = new SortedDictionary<string, double>(StringComparer.Ordinal)
            {
                ["runs"] = node.Runs.Count,
                ["alert_readers"] = node.Alerts.Readers,
                ["log_position"] = log.LastPosition,
                ["log_durable_position"] = log.DurablePosition,
                ["log_pending_bytes"] = log.PendingBytes,
                ["series_queue"] = node.Writer.Queued,
                ["series_points_waiting"] = node.Writer.WaitingPoints,
                ["series_writes_total"] = node.Writer.Written,
                ["series_write_failures_total"] = node.Writer.Failures,
            };
            node.Metrics.CopyTo(metrics);
            return metrics;
        }
    }

    public async Task<IRunStream> OpenAsync(Hello hello, IIngestSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(hello);
        ArgumentNullException.ThrowIfNull(session);
        var answer = new TaskOpening();
        supervisor.Tell(new OpenStream(hello, session, answer));
        try
        {
            return await answer.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The trainer has gone, but the actor may open its stream yet: nobody else would end it.
            _ = answer.Task.ContinueWith(Leave, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            throw;
        }
    }

    public Task<RunDetail?> GetLiveAsync(string runId, CancellationToken cancellationToken)
    {
        var answer = Answer<RunDetail?>();
        supervisor.Tell(new GetDetail(runId, answer));
        return answer.Task.WaitAsync(cancellationToken);
    }

    public IAsyncEnumerable<RunUpdate> WatchAsync(string runId, double maxPerSecond, CancellationToken cancellationToken)
    {
        var subscriber = new ChannelSubscriber();
        return subscriber.ReadAllAsync(
            maxPerSecond,
            join: () => supervisor.Tell(new Subscribe(runId, subscriber)),
            pull: () => supervisor.Tell(new PullUpdate(runId, subscriber)),
            leave: () => supervisor.Tell(new Unsubscribe(runId, subscriber)),
            node.Time,
            cancellationToken);
    }

    public IAsyncEnumerable<Alert> WatchAlertsAsync(string runId, CancellationToken cancellationToken) =>
        node.Alerts.WatchAsync(runId, cancellationToken);

    public Task<bool> AdviseAsync(string runId, Advice advice, CancellationToken cancellationToken)
    {
        var answer = Answer<bool>();
        supervisor.Tell(new AdviseTrainers(runId, advice, answer));
        return answer.Task.WaitAsync(cancellationToken);
    }

    private static void Leave(Task<IRunStream> opened)
    {
        if (opened.IsCompletedSuccessfully)
        {
            opened.Result.Disconnected();
        }

        // A refusal has been seen, by nobody.
        _ = opened.Exception;
    }

    private static TaskCompletionSource<T> Answer<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
