using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation;

/// <summary>The sharpness above which an optimizer's step is unstable. For full gradients one number: GD 2/η, heavy-ball (2+2β)/η, Nesterov
/// (2+2β)/((1+2β)η) (Cohen et al. 2021), Adam (2+2β₁)/((1−β₁)η) on the preconditioned Hessian (Cohen et al. 2022), RMSProp 2/η. For minibatch SGD the
/// batch sharpness settles at 2/η, with momentum between 2(1−β)/η (small batches) and 2(1+β)/η (large ones) (arXiv 2412.20553, 2604.14108).</summary>
/// <param name="Probe">The probe the threshold speaks of.</param>
/// <param name="Low">Threshold, or the small-batch plateau. Unit of the probe (1/η).</param>
/// <param name="High">Threshold, or the large-batch plateau; equals <paramref name="Low"/> where there is only one.</param>
public readonly record struct StabilityThreshold(ProbeKind Probe, double Low, double High)
{
    /// <summary>Threshold for a probe under the run's optimizer at a learning rate; null where nothing is known for that pair.</summary>
    public static StabilityThreshold? For(RunConfiguration configuration, ProbeKind probe, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (!(learningRate > 0) || !double.IsFinite(learningRate))
        {
            return null;
        }

        var factors = (configuration.Optimizer, probe) switch
        {
            // η_c is measured along the optimizer's own update, so no optimizer enters.
            (_, ProbeKind.CriticalSharpness) => (2, 2),
            (OptimizerKind.Adam or OptimizerKind.AdamW, ProbeKind.PreconditionedSharpness) => Same((2 + (2 * configuration.Beta1)) / (1 - configuration.Beta1)),
            (OptimizerKind.RmsProp, ProbeKind.PreconditionedSharpness) => Same(2),
            (OptimizerKind.Sgd, ProbeKind.Sharpness) => Same(FullGradient(configuration)),
            (OptimizerKind.Sgd, ProbeKind.BatchSharpness) => Batch(configuration),
            _ => (double.NaN, double.NaN),
        };
        var (low, high) = factors;
        return low > 0 && double.IsFinite(high) ? new StabilityThreshold(probe, low / learningRate, high / learningRate) : null;
    }

    /// <summary>The probe whose threshold decides for the run: preconditioned sharpness for adaptive optimizers, λ_max for full-batch SGD, batch
    /// sharpness for minibatch SGD (λ_max then stays below 2/η), critical sharpness for others.</summary>
    public static ProbeKind Preferred(RunConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration.Optimizer switch
        {
            OptimizerKind.Adam or OptimizerKind.AdamW or OptimizerKind.RmsProp => ProbeKind.PreconditionedSharpness,
            OptimizerKind.Sgd when IsFullBatch(configuration) => ProbeKind.Sharpness,
            OptimizerKind.Sgd => ProbeKind.BatchSharpness,
            _ => ProbeKind.CriticalSharpness,
        };
    }

    /// <summary>Whether every step sees the whole training set.</summary>
    public static bool IsFullBatch(RunConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration.Sampling == SamplingScheme.FullBatch
            || (configuration.DatasetSize > 0 && configuration.BatchSize == configuration.DatasetSize && configuration.Sampling != SamplingScheme.WithReplacement);
    }

    private static double FullGradient(RunConfiguration configuration)
    {
        var beta = configuration.Momentum;
        return configuration.Nesterov ? (2 + (2 * beta)) / (1 + (2 * beta)) : Dampened(configuration, 2 + (2 * beta));
    }

    private static (double Low, double High) Batch(RunConfiguration configuration)
    {
        if (IsFullBatch(configuration))
        {
            return Same(FullGradient(configuration));
        }

        var beta = configuration.Momentum;
        return configuration.Nesterov
            ? (2 * (1 - beta), FullGradient(configuration))
            : (Dampened(configuration, 2 * (1 - beta)), Dampened(configuration, 2 * (1 + beta)));
    }

    // Dampening d multiplies the gradient by 1−d, which acts like a learning rate of (1−d)η.
    private static double Dampened(RunConfiguration configuration, double factor) => factor / (1 - configuration.Dampening);

    private static (double Low, double High) Same(double factor) => (factor, factor);
}
