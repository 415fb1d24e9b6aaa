namespace TrainingMonitor.Evaluation.Clocks;

/// <summary>Which clocks are on.</summary>
internal enum ClockKind
{
    /// <summary>Random labels only.</summary>
    Canaries,

    /// <summary>Withheld examples only.</summary>
    Sentinels,

    /// <summary>Both.</summary>
    Both,
}
