using TrainingMonitor.Runs.State;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.Recovery;

/// <summary>A run as the stores have it: a snapshot, and what the frame log holds after it, applied again.</summary>
internal sealed class RecoveredRun(RunStateMachine machine, long snapshotPosition, long fallback, long committed)
{
    private const int OutputsAWrite = 512;
    private readonly RunOutput output = new();
    private readonly List<RunWrites> missing = [];

    public RunStateMachine Machine { get; } = machine;

    /// <summary>Position of the snapshot; 0: none.</summary>
    public long SnapshotPosition { get; } = snapshotPosition;

    /// <summary>First position that its fallback snapshot does not hold; with one snapshot only, that one does not.</summary>
    public long KeepFrom { get; } = (fallback > 0 ? Math.Min(fallback, snapshotPosition) : snapshotPosition) + 1;

    /// <summary>Position of the newest input applied.</summary>
    public long LastPosition { get; private set; } = snapshotPosition;

    /// <summary>Inputs read from the log.</summary>
    public int Inputs { get; private set; }

    /// <summary>Hands over the points that the series store does not have yet, oldest first.</summary>
    public IReadOnlyList<RunWrites> TakeMissing()
    {
        RunWrites[] taken = [.. missing];
        missing.Clear();
        return taken;
    }

    /// <summary>Applies a record; those the state contains already are skipped.</summary>
    public void Apply(in FrameRecord record)
    {
        if (record.Position <= LastPosition)
        {
            return;
        }

        RunReplay.Apply(Machine, record, output);
        LastPosition = record.Position;
        Inputs++;
        if (record.Position <= committed)
        {
            output.Clear();
        }
        else if (output.Count >= OutputsAWrite)
        {
            Take();
        }
    }

    /// <summary>No more records come.</summary>
    public void Complete()
    {
        if (output.Count > 0 || output.RowDue)
        {
            Take();
        }
    }

    private void Take() =>
        missing.Add(output.Take(Machine.RunId, LastPosition, Machine.Project, output.RowDue ? Machine.Row() : null));
}
