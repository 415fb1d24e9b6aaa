using Akka.Actor;
using TrainingMonitor.Runs.Homes;
using TrainingMonitor.Runs.Hosting;
using TrainingMonitor.Storage.Snapshots;

namespace TrainingMonitor.Runs.Actors;

/// <summary>Takes a run's state from time to time, and saves it once the stores hold everything before it.</summary>
internal sealed class SnapshotKeeper(NodeContext node, string runId, IActorRef actor, IRunHold hold, long saved, CancellationToken ending)
{
    // What so few inputs need to be read and applied again is less than what saving a state costs: docs/design/147.
    private const int FewInputs = 100;
    private const int Patience = 5;

    private Snapshot? pending;
    private bool saving;
    private long taken = node.Time.GetTimestamp();
    private int inputs;

    /// <summary>Position of the newest saved snapshot.</summary>
    public long Saved { get; private set; } = saved;

    /// <summary>Inputs that were read from the log at the start.</summary>
    public void Recovered(int count, bool ended)
    {
        inputs = count;
        hold.Recovered(count, ended);
    }

    /// <summary>An input was appended to the log.</summary>
    public void OnAppended() => inputs++;

    /// <summary>A snapshot waits or is being saved.</summary>
    public bool IsBusy => pending is not null;

    /// <summary>A state of this position is neither saved nor taken. While one is being saved none can be taken: ask again when it is.</summary>
    public bool Lacks(long position) => !saving && Math.Max(Saved, pending?.Position ?? 0) < position;

    public bool IsDue =>
        pending is null && inputs > 0
        && (inputs >= node.Options.SnapshotInputs || node.Time.GetElapsedTime(taken) >= node.Options.SnapshotInterval * (inputs < FewInputs ? Patience : 1));

    /// <summary>Keeps the state for saving.</summary>
    public void Take(long position, byte[] state)
    {
        if (saving)
        {
            return;
        }

        pending = new Snapshot(runId, position, state);
        inputs = 0;
        taken = node.Time.GetTimestamp();
    }

    /// <summary>Saves what was taken, if the log and the store have come that far.</summary>
    public void TrySave(long durable, OutputQueue outputs)
    {
        if (pending is null || saving || pending.Position > durable || !outputs.IsCommitted(pending.Position))
        {
            return;
        }

        saving = true;
        var position = pending.Position;
        _ = hold.SaveAsync(pending, ending)
            .PipeTo(actor, success: () => new SnapshotSaved(position), failure: error => new SnapshotFailed(error));
    }

    /// <summary>The snapshot is saved.</summary>
    /// <param name="position">Its position.</param>
    /// <param name="last">Position of the run's newest input.</param>
    /// <param name="ended">The run has ended.</param>
    public void OnSaved(long position, long last, bool ended)
    {
        Saved = position;
        (pending, saving) = (null, false);
        node.Metrics.SnapshotSaved();
        hold.Saved(position, last, ended);
    }

    /// <summary>The store failed: the next one that is due is tried.</summary>
    public void OnFailed()
    {
        (pending, saving) = (null, false);
        inputs = Math.Max(1, inputs);
        node.Metrics.SnapshotFailed();
    }
}
