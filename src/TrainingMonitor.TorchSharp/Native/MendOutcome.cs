namespace TrainingMonitor.TorchSharp.Native;

/// <summary>Kinds of results of the mend.</summary>
public enum MendOutcome
{
    /// <summary>The library loads as it is.</summary>
    NotNeeded,

    /// <summary>The copy was replaced.</summary>
    Mended,

    /// <summary>There is no copy in the output folder.</summary>
    NotFound,

    /// <summary>It is needed and could not be done.</summary>
    Failed,
}
