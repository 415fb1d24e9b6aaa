using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>How an optimizer moves along one direction of a quadratic: w and its momentum go through a 2×2 matrix, whose spectral radius says whether a
/// displacement shrinks. With x = ηλ (λ of P⁻¹H for adaptive optimizers), trace and determinant are
/// <list type="bullet">
/// <item>heavy ball: 1 + β − (1−d)x and β; gradient descent: β = 0</item>
/// <item>Nesterov: (1+β)(1 − x) + 0 and β(1 − x)</item>
/// <item>Adam: 1 + β₁ − (1−β₁)x and β₁; RMSProp: β₁ = 0</item>
/// </list>
/// The radius is 1 exactly at the threshold of <see cref="StabilityThreshold"/>.</summary>
internal static class LinearRecursion
{
    /// <summary>ln of the spectral radius: growth a step.</summary>
    public static double Exponent(RunConfiguration configuration, double x)
    {
        var (trace, determinant) = configuration.Optimizer switch
        {
            OptimizerKind.Adam or OptimizerKind.AdamW => (1 + configuration.Beta1 - ((1 - configuration.Beta1) * x), configuration.Beta1),
            OptimizerKind.Sgd when configuration.Nesterov => ((1 + configuration.Momentum) * (1 - x), configuration.Momentum * (1 - x)),
            OptimizerKind.Sgd => (1 + configuration.Momentum - ((1 - configuration.Dampening) * x), configuration.Momentum),
            _ => (1 - x, 0),
        };
        var square = (trace * trace) - (4 * determinant);
        return Math.Log(square >= 0 ? (Math.Abs(trace) + Math.Sqrt(square)) / 2 : Math.Sqrt(determinant));
    }

    /// <summary>Half of what a stable oscillation decays by in a step, ½·ln(1/√β), at most 0.04: growth within it counts as none.</summary>
    public static double Zero(RunConfiguration configuration) => Math.Min(0.04, -Math.Log(configuration.EffectiveMomentum) / 4);
}
