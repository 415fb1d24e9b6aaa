namespace TrainingMonitor.Estimation.Input;

/// <summary>Marks of one step that decide what may be computed from it.</summary>
[Flags]
public enum StepFlags
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>The pair (t−1, t) crosses the boundary of two epochs.</summary>
    EpochSeam = 1,

    /// <summary>The optimizer skipped this step: its update is zero.</summary>
    Skipped = 2,

    /// <summary>The pair (t−1, t) is not to be used.</summary>
    PairInvalid = 4,

    /// <summary>Exact per-example sums were taken at this step.</summary>
    Exact = 8,

    /// <summary>The step was closed without all of its ranks: sharded columns are incomplete and absent.</summary>
    Partial = 16,
}
