using TrainingMonitor.Runs.Recovery;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Snapshots;

namespace TrainingMonitor.Runs.Homes;

/// <summary>A run of an embedded server. It says what it needs of the common log before it appends the first record after a snapshot, so that none can be released too early.</summary>
internal sealed class EmbeddedHold(EmbeddedHome home, RecoveredRun run, IFrameLogObserver observer) : IRunHold
{
    private readonly string runId = run.Machine.RunId;
    private long saved = run.SnapshotPosition;
    private long keep = run.KeepFrom;

    /// <summary>There is one owner.</summary>
    public long Epoch => 1;

    public long LastPosition => home.Log.LastPosition;

    public long DurablePosition => home.Log.DurablePosition;

    public long PendingBytes => home.Log.PendingBytes;

    public long Append(FrameRecordKind kind, int attempt, int rank, ReadOnlySpan<byte> body)
    {
        if (home.Needs.Of(runId) is null)
        {
            var next = home.Log.LastPosition + 1;
            keep = saved == 0 ? next : Math.Min(next, keep);
            home.Needs.Set(runId, next, keep);
        }

        return home.Log.Append(kind, runId, attempt, rank, body, observer);
    }

    public Task SaveAsync(Snapshot snapshot, CancellationToken cancellationToken) => home.Snapshots.SaveAsync(snapshot, cancellationToken);

    public void Promise(TimeSpan? within)
    {
        // The server's own actors watch all runs: at a start they are all read back.
    }

    public void Recovered(int inputs, bool ended)
    {
        if (inputs > 0)
        {
            home.Needs.Set(runId, saved + 1, keep);
        }
        else
        {
            Quiet(ended);
        }
    }

    public void Saved(long position, long last, bool ended)
    {
        // The snapshot before this one is the fallback; before the first, the run's first record is.
        (keep, saved) = (saved == 0 ? keep : saved + 1, position);
        if (last > position)
        {
            home.Needs.Set(runId, position + 1, keep);
        }
        else
        {
            Quiet(ended);
        }
    }

    public void Leave(bool everythingSaved)
    {
        if (everythingSaved)
        {
            home.Needs.Clear(runId);
        }
    }

    // What a live run would fall back on must be complete however quiet the run is; of an ended one the series store has the end.
    private void Quiet(bool ended)
    {
        if (ended || saved == 0)
        {
            home.Needs.Clear(runId);
        }
        else
        {
            home.Needs.SetFallback(runId, keep);
        }
    }
}
