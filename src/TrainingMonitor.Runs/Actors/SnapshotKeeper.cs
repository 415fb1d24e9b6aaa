using Akka.Actor;
using TrainingMonitor.Runs.Hosting;
using TrainingMonitor.Storage.Snapshots;

namespace TrainingMonitor.Runs.Actors;

/// <summary>Takes a run's state from time to time, and saves it once the stores hold everything before it.</summary>
internal sealed class SnapshotKeeper(NodeContext node, string runId, IActorRef actor, long saved, long keepFrom, CancellationToken ending)
{
    private Snapshot? pending;
    private bool saving;
    private long keep = keepFrom;
    private long taken = node.Time.GetTimestamp();
    private int inputs;

    /// <summary>Position of the newest saved snapshot.</summary>
    public long Saved { get; private set; } = saved;

    /// <summary>Inputs that were read from the log at the start.</summary>
    public void Recovered(int count, bool ended)
    {
        inputs = count;
        if (count > 0)
        {
            node.LogNeeds.Set(runId, Saved + 1, keep);
        }
        else
        {
            Quiet(ended);
        }
    }

    /// <summary>The run leaves memory with everything saved: it holds the log no longer.</summary>
    public void Release() => node.LogNeeds.Clear(runId);

    /// <summary>Before an input is appended to the log: what recovery would need from now on.</summary>
    public void BeforeAppend()
    {
        if (inputs++ == 0 && node.LogNeeds.Of(runId) is null)
        {
            var next = node.Log.LastPosition + 1;
            keep = Saved == 0 ? next : Math.Min(next, keep);
            node.LogNeeds.Set(runId, next, keep);
        }
    }

    /// <summary>A snapshot waits or is being saved.</summary>
    public bool IsBusy => pending is not null;

    public bool IsDue =>
        pending is null && inputs > 0
        && (inputs >= node.Options.SnapshotInputs || node.Time.GetElapsedTime(taken) >= node.Options.SnapshotInterval);

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
        _ = node.Snapshots.SaveAsync(pending, ending)
            .PipeTo(actor, success: () => new SnapshotSaved(position), failure: error => new SnapshotFailed(error));
    }

    /// <summary>The snapshot is saved.</summary>
    /// <param name="position">Its position.</param>
    /// <param name="last">Position of the run's newest input.</param>
    /// <param name="ended">The run has ended.</param>
    public void OnSaved(long position, long last, bool ended)
    {
        // The snapshot before this one is the fallback; before the first, the run's first record is.
        (keep, Saved) = (Saved == 0 ? keep : Saved + 1, position);
        (pending, saving) = (null, false);
        node.Metrics.SnapshotSaved();
        if (last > position)
        {
            node.LogNeeds.Set(runId, position + 1, keep);
        }
        else
        {
            Quiet(ended);
        }
    }

    // What a live run would fall back on must be complete however quiet the run is; of an ended one the series store has the end.
    private void Quiet(bool ended)
    {
        if (ended || Saved == 0)
        {
            node.LogNeeds.Clear(runId);
        }
        else
        {
            node.LogNeeds.SetFallback(runId, keep);
        }
    }

    /// <summary>The store failed: the next one that is due is tried.</summary>
    public void OnFailed()
    {
        (pending, saving) = (null, false);
        inputs = Math.Max(1, inputs);
        node.Metrics.SnapshotFailed();
    }
}
