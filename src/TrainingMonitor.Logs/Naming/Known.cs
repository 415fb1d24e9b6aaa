namespace TrainingMonitor.Logs.Naming;

/// <summary>What the monitor knows a use for.</summary>
public enum Known
{
    /// <summary>A number of its own name.</summary>
    None,

    /// <summary>Training loss.</summary>
    Loss,

    /// <summary>Learning rate.</summary>
    LearningRate,

    /// <summary>Norm of the gradient of all parameters.</summary>
    GradNorm,

    /// <summary>Training accuracy, 0 to 1.</summary>
    Accuracy,

    /// <summary>Held-out loss.</summary>
    HeldOutLoss,

    /// <summary>Held-out accuracy, 0 to 1.</summary>
    HeldOutAccuracy,

    /// <summary>Tokens of the step.</summary>
    Tokens,

    /// <summary>Time of the step, seconds.</summary>
    StepSeconds,

    /// <summary>Time of the step, milliseconds.</summary>
    StepMilliseconds,

    /// <summary>Fractional epoch.</summary>
    Epoch,

    /// <summary>Examples since the start.</summary>
    Samples,

    /// <summary>The step itself, under a name that logs do not usually use for it.</summary>
    Step,
}
