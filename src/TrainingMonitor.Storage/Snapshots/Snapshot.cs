namespace TrainingMonitor.Storage.Snapshots;

/// <summary>State of a run actor at a log position.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Position">The state contains every input up to here.</param>
/// <param name="State">Serialized state.</param>
public sealed record Snapshot(string RunId, long Position, byte[] State);
