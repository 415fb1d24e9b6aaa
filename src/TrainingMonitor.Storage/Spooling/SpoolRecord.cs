namespace TrainingMonitor.Storage.Spooling;

/// <summary>A batch in a spool.</summary>
/// <param name="Sequence">Number in the order of appending.</param>
/// <param name="Lines">Lines in it.</param>
/// <param name="Body">The batch.</param>
public readonly record struct SpoolRecord(long Sequence, int Lines, ReadOnlyMemory<byte> Body);
