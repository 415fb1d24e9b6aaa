namespace TrainingMonitor.Runs.Hosting;

/// <summary>Counters of the node; thread-safe.</summary>
internal sealed class NodeMetrics
{
    private long framesApplied;
    private long bytesApplied;
    private long duplicates;
    private long gaps;
    private long refused;
    private long streamsOpened;
    private long streams;
    private long alerts;
    private long durableGroups;
    private long snapshots;
    private long snapshotFailures;
    private long deadLetters;
    private long defects;
    private long rests;

    public void FrameApplied(int bytes)
    {
        Interlocked.Increment(ref framesApplied);
        Interlocked.Add(ref bytesApplied, bytes);
    }

    public void Duplicate() => Interlocked.Increment(ref duplicates);

    public void Gap() => Interlocked.Increment(ref gaps);

    public void Refused() => Interlocked.Increment(ref refused);

    public void StreamOpened()
    {
        Interlocked.Increment(ref streamsOpened);
        Interlocked.Increment(ref streams);
    }

    public void StreamClosed() => Interlocked.Decrement(ref streams);

    public void AlertRaised() => Interlocked.Increment(ref alerts);

    public void DurableGroup() => Interlocked.Increment(ref durableGroups);

    public void SnapshotSaved() => Interlocked.Increment(ref snapshots);

    public void SnapshotFailed() => Interlocked.Increment(ref snapshotFailures);

    public void DeadLetter() => Interlocked.Increment(ref deadLetters);

    public void Defect() => Interlocked.Increment(ref defects);

    public void Rested() => Interlocked.Increment(ref rests);

    public void CopyTo(IDictionary<string, double> target)
    {
        target["frames_applied_total"] = Volatile.Read(ref framesApplied);
        target["frame_bytes_applied_total"] = Volatile.Read(ref bytesApplied);
        target["frames_duplicate_total"] = Volatile.Read(ref duplicates);
        target["frame_gaps_total"] = Volatile.Read(ref gaps);
        target["frames_refused_total"] = Volatile.Read(ref refused);
        target["streams_opened_total"] = Volatile.Read(ref streamsOpened);
        target["streams"] = Volatile.Read(ref streams);
        target["alert_transitions_total"] = Volatile.Read(ref alerts);
        target["durable_notices_total"] = Volatile.Read(ref durableGroups);
        target["snapshots_total"] = Volatile.Read(ref snapshots);
        target["snapshot_failures_total"] = Volatile.Read(ref snapshotFailures);
        target["dead_letters_total"] = Volatile.Read(ref deadLetters);
        target["states_packed_total"] = Volatile.Read(ref rests);
        target["inputs_failed_total"] = Volatile.Read(ref defects);
    }
}
