namespace TrainingMonitor.Cli.Tail;

/// <summary>Where <c>tail</c> begins to send.</summary>
internal enum TailStart
{
    /// <summary>Behind the last step the server has of this run; a new run from the start.</summary>
    Continue,

    /// <summary>At the start of the log.</summary>
    FromStart,

    /// <summary>With what is written from now on.</summary>
    FromEnd,
}
