using Microsoft.Extensions.Logging;
using TrainingMonitor.Runs.Homes;
using TrainingMonitor.Runs.State;

namespace TrainingMonitor.Runs.Recovery;

/// <summary>Reads runs of an embedded server back from its stores.</summary>
internal sealed partial class RunLoader(
    EmbeddedHome home, IReadOnlyDictionary<string, long> committed, IReadOnlyDictionary<string, long> fallbacks)
{
    private readonly ILogger logger = home.Loggers.CreateLogger<RunLoader>();

    /// <summary>Loads one run whose actor has ended: its snapshot, and the log only where its actor ended without a last snapshot.</summary>
    public static async Task<RecoveredRun> LoadAsync(EmbeddedHome home, string runId, CancellationToken cancellationToken)
    {
        // Points of an actor that failed may still be on their way to the store: read before they are there, they would be made and written again.
        while (home.Writer.Has(runId))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }

        var committed = new Dictionary<string, long> { [runId] = await home.Series.CommittedPositionAsync(runId, cancellationToken) };
        var fallback = new Dictionary<string, long> { [runId] = await home.Snapshots.FallbackPositionAsync(runId, cancellationToken) };
        var loader = new RunLoader(home, committed, fallback);
        var run = await loader.FromSnapshotAsync(runId, cancellationToken);
        if (home.Needs.Of(runId) is not null)
        {
            await UntilDurableAsync(home, cancellationToken);
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
        while (run is null && await home.Snapshots.LoadAsync(runId, cancellationToken) is { } snapshot)
        {
            try
            {
                run = Recovered(RunStateMachine.Load(runId, snapshot.State), snapshot.Position);
            }
            catch (InvalidDataException error)
            {
                damaged = true;
                LogRejected(runId, snapshot.Position, error);
                await home.Snapshots.RejectAsync(snapshot, error.Message, cancellationToken);
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
        foreach (var record in home.Log.Read(Math.Max(run.LastPosition + 1, home.Log.FirstPosition), run.Machine.RunId))
        {
            run.Apply(record);
        }
    }

    private RecoveredRun Recovered(RunStateMachine machine, long position) =>
        new(machine, position, fallbacks.GetValueOrDefault(machine.RunId), committed.GetValueOrDefault(machine.RunId));

    // What an ended actor appended is in the log or on its way there; the new one must not miss it.
    private static async Task UntilDurableAsync(EmbeddedHome home, CancellationToken cancellationToken)
    {
        var target = home.Log.LastPosition;
        while (home.Log.DurablePosition < target)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The snapshot of run {RunId} at {Position} is damaged and kept aside; starting without it.")]
    private partial void LogRejected(string runId, long position, Exception error);
}
