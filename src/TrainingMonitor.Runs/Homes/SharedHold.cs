using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Shared;
using TrainingMonitor.Storage.Snapshots;

namespace TrainingMonitor.Runs.Homes;

/// <summary>A run of a cluster in the hands of this node. The shared store itself knows what of the log a snapshot makes unnecessary.</summary>
internal sealed class SharedHold(IOwnedRun owned) : IRunHold
{
    public long Epoch => owned.Epoch;

    public long LastPosition => owned.LastPosition;

    public long DurablePosition => owned.DurablePosition;

    public long PendingBytes => owned.PendingBytes;

    public long Append(FrameRecordKind kind, int attempt, int rank, ReadOnlySpan<byte> body) => owned.Append(kind, attempt, rank, body);

    public Task SaveAsync(Snapshot snapshot, CancellationToken cancellationToken) => owned.SaveSnapshotAsync(snapshot, cancellationToken);

    public void Promise(TimeSpan? within) => owned.Promise(within);

    public void Recovered(int inputs, bool ended)
    {
        // The claim says it.
    }

    public void Saved(long position, long last, bool ended)
    {
        // The store has released what it could with the snapshot itself.
    }

    public void Leave(bool everythingSaved) => owned.Leave();
}
