using Microsoft.Extensions.Logging;
using TrainingMonitor.Runs.Hosting;
using TrainingMonitor.Runs.State;

namespace TrainingMonitor.Runs.Recovery;

/// <summary>Reads runs back from the stores.</summary>
internal sealed partial class RunLoader(
    NodeContext node, IReadOnlyDictionary<string, long> committed, IReadOnlyDictionary<string, long> fallbacks)
{
    private readonly ILogger logger = node.Loggers.CreateLogger<RunLoader>();

    /// <summary>Loads one run whose actor has ended: its snapshot, and the log only where its actor ended without a last snapshot.</summary>
    public static async Task<RecoveredRun> LoadAsync(NodeContext node, string runId, CancellationToken cancellationToken)
    {
        // Points of an actor that failed may still be on their way to the store: read before they are there, they would be made and written again.
        while (node.Writer.Has(runId))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }

        var committed = await node.Series.CommittedPositionsAsync(cancellationToken);
        var loader = new RunLoader(node, committed, await node.Snapshots.FallbackPositionsAsync(cancellationToken));
        var run = await loader.FromSnapshotAsync(runId, cancellationToken);
        if (node.LogNeeds.Of(runId) is not null)
        {
            await UntilDurableAsync(node, cancellationToken);
            loader.ReadLog(run);
        }

        run.Complete();
        return run;
    }

    /// <summary>The run as its newest intact snapshot has it; empty where there is none. After a damaged one the log is read as well, which has what
    /// the older snapshot lacks.</summary>
    public async Task<RecoveredRun> FromSnapshotAsync(string runId, CancellationToken cancellationToken)
    {
        RecoveredRun? run = null;
        var damaged = false;
        while (run is null && await node.Snapshots.LoadAsync(runId, cancellationToken) is { } snapshot)
        {
            try
            {
                run = Recovered(RunStateMachine.Load(runId, snapshot.State), snapshot.Position);
            }
            catch (InvalidDataException error)
            {
                damaged = true;
                LogRejected(runId, snapshot.Position, error);
                await node.Snapshots.RejectAsync(snapshot, error.Message, cancellationToken);
            }
        }

        run ??= Recovered(new RunStateMachine(runId), 0);
        if (damaged)
        {
            ReadLog(run);
        }

        return run;
    }

    // Everything the log has of the run after its snapshot.
    private void ReadLog(RecoveredRun run)
    {
        foreach (var record in node.Log.Read(Math.Max(run.LastPosition + 1, node.Log.FirstPosition), run.Machine.RunId))
        {
            run.Apply(record);
        }
    }

    private RecoveredRun Recovered(RunStateMachine machine, long position) =>
        new(machine, position, fallbacks.GetValueOrDefault(machine.RunId), committed.GetValueOrDefault(machine.RunId));

    // What an ended actor appended is in the log or on its way there; the new one must not miss it.
    private static async Task UntilDurableAsync(NodeContext node, CancellationToken cancellationToken)
    {
        var target = node.Log.LastPosition;
        while (node.Log.DurablePosition < target)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The snapshot of run {RunId} at {Position} is damaged and kept aside; starting without it.")]
    private partial void LogRejected(string runId, long position, Exception error);
}
