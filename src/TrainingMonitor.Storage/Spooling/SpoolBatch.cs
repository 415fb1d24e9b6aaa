namespace TrainingMonitor.Storage.Spooling;

/// <summary>A batch that is to be spooled.</summary>
/// <param name="Body">The batch.</param>
/// <param name="Lines">Lines it is worth, for the counters.</param>
public readonly record struct SpoolBatch(ReadOnlyMemory<byte> Body, int Lines);
