namespace TrainingMonitor.Storage.Shared;

/// <summary>A write was refused because the run has changed hands.</summary>
public sealed class FencedException : IOException
{
    /// <summary>Names the run and the epochs.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="epoch">Epoch of the writer.</param>
    public FencedException(string runId, long epoch)
        : base($"Run {runId} has changed hands: epoch {epoch} may not write any more.") => (RunId, Epoch) = (runId, epoch);

    /// <summary>The run.</summary>
    public string RunId { get; }

    /// <summary>Epoch of the writer that was refused.</summary>
    public long Epoch { get; }
}
