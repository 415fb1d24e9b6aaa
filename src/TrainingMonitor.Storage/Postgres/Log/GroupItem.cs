namespace TrainingMonitor.Storage.Postgres.Log;

/// <summary>What one run writes in a group.</summary>
/// <param name="Run">The run.</param>
/// <param name="First">First position; one above the last durable one where there are no records.</param>
/// <param name="Last">Last position; <paramref name="First"/> - 1 where there are no records.</param>
/// <param name="Chunk">The records; null: only the promise has changed.</param>
/// <param name="Body">The bytes of the row; empty where there are no records.</param>
/// <param name="Within">The promise.</param>
internal sealed record GroupItem(OwnedRun Run, long First, long Last, Chunk? Chunk, ReadOnlyMemory<byte> Body, TimeSpan? Within);
