namespace TrainingMonitor.Estimation.Input;

/// <summary>A value of the whole step, as a trainer sends it (<c>StepValues</c> of the wire contract). Absent values are NaN.</summary>
public enum StepValue
{
    /// <summary>Mean training loss of the batch.</summary>
    Loss,

    /// <summary>Learning rate of the first parameter group.</summary>
    LearningRate,

    /// <summary>Training accuracy of the batch, 0 to 1.</summary>
    Accuracy,

    /// <summary>Held-out loss: for the reader only, no detector uses it.</summary>
    HeldOutLoss,

    /// <summary>Held-out accuracy: for the reader only.</summary>
    HeldOutAccuracy,

    /// <summary>Tokens of this step, all ranks.</summary>
    Tokens,

    /// <summary>Wall time of the step, seconds.</summary>
    StepSeconds,

    /// <summary>Part of the step that the monitor cost, seconds.</summary>
    MonitorSeconds,

    /// <summary>Examples whose gradient is exactly zero.</summary>
    ZeroGradExamples,

    /// <summary>Factor that clipping applied; NaN: unknown.</summary>
    ClipCoefficient,

    /// <summary>Fractional epoch.</summary>
    Epoch,

    /// <summary>Examples seen since the start of the attempt.</summary>
    Samples,
}
