namespace TrainingMonitor.Storage.Postgres.Log;

/// <summary>What became of an item of a group.</summary>
/// <param name="Written">It is durable.</param>
/// <param name="Epoch">Epoch of the run in the database.</param>
/// <param name="Position">Last position in the database before the group.</param>
internal readonly record struct GroupOutcome(bool Written, long Epoch, long Position);
