using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Snapshots;

namespace TrainingMonitor.Storage.Shared;

/// <summary>A run in the hands of one node. Every write names the epoch and is refused once somebody else has claimed the run.</summary>
public interface IOwnedRun : IRunLog
{
    /// <summary>The run.</summary>
    string RunId { get; }

    /// <summary>Newest intact snapshot; null: none. A damaged one is kept aside and reported.</summary>
    Task<Snapshot?> LoadSnapshotAsync(CancellationToken cancellationToken);

    /// <summary>The snapshot could not be used: kept aside, the one before it becomes the newest.</summary>
    Task RejectSnapshotAsync(Snapshot snapshot, string reason, CancellationToken cancellationToken);

    /// <summary>Saves a snapshot; the one before it is kept as a fallback, and records that neither needs may go.</summary>
    /// <exception cref="FencedException">The run belongs to somebody else.</exception>
    Task SaveSnapshotAsync(Snapshot snapshot, CancellationToken cancellationToken);

    /// <summary>The next record is promised within this time of each commit; null: nobody waits for one. Written with the next commit, which it causes where it has changed. Never blocks.</summary>
    void Promise(TimeSpan? within);

    /// <summary>The owner is done with the run: nothing is told any more. What has been appended is still written.</summary>
    void Leave();
}
