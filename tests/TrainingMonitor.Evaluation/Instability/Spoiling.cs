namespace TrainingMonitor.Evaluation.Instability;

/// <summary>How a batch is spoilt.</summary>
internal enum Spoiling
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Labels are shifted by one class, targets change their sign and grow tenfold.</summary>
    Labels,

    /// <summary>Inputs are normal noise of 10 times the size.</summary>
    Garbage,

    /// <summary>Inputs are normal noise of 10^30 times the size: float32 overflows one step later.</summary>
    Overflow,

    /// <summary>One input is NaN.</summary>
    NaN,
}
