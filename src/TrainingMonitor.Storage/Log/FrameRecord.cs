namespace TrainingMonitor.Storage.Log;

/// <summary>One accepted input of a run.</summary>
/// <param name="Position">Ordinal in the log, from 1, over all runs.</param>
/// <param name="Kind">What <paramref name="Body"/> holds.</param>
/// <param name="RunId">The run.</param>
/// <param name="Attempt">Attempt of the trainer frame.</param>
/// <param name="Rank">Rank of the trainer frame.</param>
/// <param name="Body">Bytes; valid until the reader moves on.</param>
public readonly record struct FrameRecord(long Position, FrameRecordKind Kind, string RunId, int Attempt, int Rank, ReadOnlyMemory<byte> Body);
