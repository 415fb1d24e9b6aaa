namespace TrainingMonitor.Evaluation.Recordings;

/// <summary>Names of the curves that suites share.</summary>
internal static class CurveName
{
    /// <summary>Held-out set, of the distribution of the training set.</summary>
    public const string HeldOut = "held_out";

    /// <summary>What a user could spare: n/20 examples.</summary>
    public const string Validation = "validation";

    /// <summary>The training set.</summary>
    public const string Train = "train";

    /// <summary>Held-out loss against targets without noise.</summary>
    public const string CleanLoss = "clean_loss";

    /// <summary>Entropy of the spectrum of the last features, 0 to 1.</summary>
    public const string SpectralEntropy = "spectral_entropy";

    /// <summary>EB criterion.</summary>
    public const string EvidenceCriterion = "eb_criterion";

    /// <summary>Commutator defect.</summary>
    public const string CommutatorDefect = "commutator_defect";

    /// <summary>Cosine of the gradients of consecutive batches, a mean since the last evaluation.</summary>
    public const string GradientCosine = "gradient_cosine";

    /// <summary>Mean loss of a set.</summary>
    public static string LossOf(string set) => $"{set}_loss";

    /// <summary>Accuracy of a set.</summary>
    public static string AccuracyOf(string set) => $"{set}_accuracy";
}
