namespace TrainingMonitor.Evaluation.Stability;

/// <summary>Names of the truths of a stability run.</summary>
internal static class StabilityCurve
{
    /// <summary>λ_max of the loss on the whole training set.</summary>
    public const string Sharpness = "exact_sharpness";

    /// <summary>λ_max of the preconditioned Hessian of the loss on the whole training set.</summary>
    public const string Preconditioned = "exact_preconditioned";

    /// <summary>Mean of gᵀHg/‖g‖² over batches.</summary>
    public const string BatchSharpness = "exact_batch_sharpness";

    /// <summary>Its standard error.</summary>
    public const string BatchSharpnessError = "exact_batch_sharpness_error";

    /// <summary>Growth a step, ln, of the tangent over the steps since the point before.</summary>
    public const string Exponent = "exponent";

    /// <summary>Directions in the sharp space.</summary>
    public const string Dimension = "sharp_directions";

    /// <summary>Loss on the whole training set.</summary>
    public const string Loss = "full_loss";
}
