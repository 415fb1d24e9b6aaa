namespace TrainingMonitor.Evaluation.Training;

/// <summary>Operations modulo a prime.</summary>
internal enum ModularOperation
{
    /// <summary>a + b.</summary>
    Addition,

    /// <summary>a·b.</summary>
    Multiplication,

    /// <summary>a·b⁻¹, b not 0.</summary>
    Division,
}
