namespace TrainingMonitor.Server.Queries;

/// <summary>Where recordings of runs come from.</summary>
internal interface IRecordingSource
{
    /// <summary>The bytes of a recording file, in pieces of at most 1 MiB.</summary>
    IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(string runId, CancellationToken cancellationToken);
}
