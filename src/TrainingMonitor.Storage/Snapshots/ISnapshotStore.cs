namespace TrainingMonitor.Storage.Snapshots;

/// <summary>Newest snapshots of runs. A damaged snapshot is kept aside, reported and skipped.</summary>
public interface ISnapshotStore : IAsyncDisposable
{
    /// <summary>Saves; the one before it is kept as a fallback.</summary>
    Task SaveAsync(Snapshot snapshot, CancellationToken cancellationToken);

    /// <summary>Newest intact snapshot; null: none.</summary>
    Task<Snapshot?> LoadAsync(string runId, CancellationToken cancellationToken);

    /// <summary>The snapshot could not be used (its state does not parse): moved aside, the one before it becomes the newest.</summary>
    Task RejectAsync(Snapshot snapshot, string reason, CancellationToken cancellationToken);

    /// <summary>Position of the newest snapshot of each run.</summary>
    Task<IReadOnlyDictionary<string, long>> PositionsAsync(CancellationToken cancellationToken);

    /// <summary>Position of the oldest snapshot kept of each run: without the inputs that follow it a fallback is of no use.</summary>
    Task<IReadOnlyDictionary<string, long>> FallbackPositionsAsync(CancellationToken cancellationToken);

    /// <summary>Position of the oldest snapshot kept of one run; 0: none.</summary>
    Task<long> FallbackPositionAsync(string runId, CancellationToken cancellationToken);
}
