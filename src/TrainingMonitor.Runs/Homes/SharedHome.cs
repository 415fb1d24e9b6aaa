using Microsoft.Extensions.Logging;
using TrainingMonitor.Runs.Actors;
using TrainingMonitor.Runs.Recovery;
using TrainingMonitor.Runs.Series;
using TrainingMonitor.Runs.State;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Shared;

namespace TrainingMonitor.Runs.Homes;

/// <summary>The home of runs that any node of a cluster may have: docs/design/140. Whoever loads a run has claimed it, and what the node before it still tries to write is refused.</summary>
/// <param name="runs">The shared stores.</param>
/// <param name="owner">Address of this node, for people.</param>
/// <param name="writer">Points on their way to the series store.</param>
/// <param name="loggers">Logs.</param>
internal sealed partial class SharedHome(ISharedRuns runs, string owner, SeriesWriter writer, ILoggerFactory loggers) : IRunHome
{
    private readonly ILogger logger = loggers.CreateLogger<SharedHome>();

    public object Passivation { get; } = new Akka.Cluster.Sharding.Passivate(StopRun.Instance);

    public bool LoadsOnDemand => true;

    public async Task<HeldRun> LoadAsync(string runId, IFrameLogObserver observer, CancellationToken cancellationToken)
    {
        // Points of an actor that failed here may still be on their way to the store: made again beside them they would cost twice, though they are the same points.
        while (writer.Has(runId))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }

        var owned = await runs.ClaimAsync(runId, owner, observer, cancellationToken);
        try
        {
            var run = await ReadAsync(owned, cancellationToken);
            LogClaimed(runId, owned.Epoch, run.LastPosition, run.Inputs);
            return new HeldRun(run, new SharedHold(owned));
        }
        catch
        {
            owned.Leave();
            throw;
        }
    }

    // Everything after the snapshot is made again, points included: those the series store has already are the same and replace themselves.
    private async Task<RecoveredRun> ReadAsync(IOwnedRun owned, CancellationToken cancellationToken)
    {
        var run = await SnapshotAsync(owned, cancellationToken);
        await foreach (var record in runs.ReadAsync(owned.RunId, run.LastPosition + 1, cancellationToken))
        {
            if (record.Position != run.LastPosition + 1)
            {
                break;
            }

            run.Apply(record);
        }

        // A state with a hole in its inputs would look healthy and be wrong.
        if (run.LastPosition != owned.DurablePosition)
        {
            throw new InvalidDataException($"The log of run {owned.RunId} ends at {owned.DurablePosition}, but can be read up to {run.LastPosition} only.");
        }

        run.Complete();
        return run;
    }

    private async Task<RecoveredRun> SnapshotAsync(IOwnedRun owned, CancellationToken cancellationToken)
    {
        while (await owned.LoadSnapshotAsync(cancellationToken) is { } snapshot)
        {
            try
            {
                return new RecoveredRun(RunStateMachine.Load(owned.RunId, snapshot.State), snapshot.Position, snapshot.Position, snapshot.Position);
            }
            catch (InvalidDataException error)
            {
                LogRejected(owned.RunId, snapshot.Position, error);
                await owned.RejectSnapshotAsync(snapshot, error.Message, cancellationToken);
            }
        }

        return new RecoveredRun(new RunStateMachine(owned.RunId), 0, 0, 0);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId} is this node's, epoch {Epoch}, at position {Position}; {Inputs} inputs were read from the shared log.")]
    private partial void LogClaimed(string runId, long epoch, long position, int inputs);

    [LoggerMessage(Level = LogLevel.Error, Message = "The snapshot of run {RunId} at {Position} is damaged and kept aside; starting without it.")]
    private partial void LogRejected(string runId, long position, Exception error);
}
