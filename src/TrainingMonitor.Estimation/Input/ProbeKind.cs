namespace TrainingMonitor.Estimation.Input;

/// <summary>What a probe measured; the numbers are those of the wire contract.</summary>
public enum ProbeKind
{
    /// <summary>λ_max(H).</summary>
    Sharpness = 1,

    /// <summary>λ_max(P⁻¹H).</summary>
    PreconditionedSharpness = 2,

    /// <summary>E[gᵀHg/‖g‖²] on the batch of g.</summary>
    BatchSharpness = 3,

    /// <summary>2/η_c.</summary>
    CriticalSharpness = 4,

    /// <summary>tr H.</summary>
    HessianTrace = 5,

    /// <summary>Loss of the next batch before minus after the step, nats.</summary>
    NextBatchGain = 6,
}
