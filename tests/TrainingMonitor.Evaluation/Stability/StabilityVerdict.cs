namespace TrainingMonitor.Evaluation.Stability;

/// <summary>What the exponent of the linearized recursion says of a window.</summary>
internal enum StabilityVerdict
{
    /// <summary>Displacements in the sharp space shrink.</summary>
    Stable,

    /// <summary>They neither grow nor shrink.</summary>
    AtTheEdge,

    /// <summary>They grow.</summary>
    Beyond,
}
