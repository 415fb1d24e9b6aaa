namespace TrainingMonitor.Estimation.Input;

/// <summary>What estimators and detectors need to know of a run. Zero means unknown.</summary>
public sealed record RunConfiguration
{
    /// <summary>Optimizer family.</summary>
    public OptimizerKind Optimizer { get; init; }

    /// <summary>Learning rate at the start; steps carry their own.</summary>
    public double LearningRate { get; init; }

    /// <summary>SGD momentum β.</summary>
    public double Momentum { get; init; }

    /// <summary>SGD dampening.</summary>
    public double Dampening { get; init; }

    /// <summary>Nesterov momentum.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Adam β₁.</summary>
    public double Beta1 { get; init; }

    /// <summary>Adam β₂, or RMSProp's α.</summary>
    public double Beta2 { get; init; }

    /// <summary>ε of the preconditioner.</summary>
    public double Epsilon { get; init; }

    /// <summary>Weight decay coefficient.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Decay is decoupled from the gradient (AdamW).</summary>
    public bool DecoupledDecay { get; init; }

    /// <summary>Own and cross terms include the decoupled decay.</summary>
    public bool UpdateIncludesDecay { get; init; }

    /// <summary>Training examples, n.</summary>
    public long DatasetSize { get; init; }

    /// <summary>Examples a step, b.</summary>
    public long BatchSize { get; init; }

    /// <summary>How batches are drawn.</summary>
    public SamplingScheme Sampling { get; init; }

    /// <summary>Steps an epoch; 0: n/b.</summary>
    public long StepsPerEpoch { get; init; }

    /// <summary>Steps the run plans.</summary>
    public long PlannedSteps { get; init; }

    /// <summary>Cheap statistics are taken in pairs every so many steps; 0 or 1: always.</summary>
    public int PairInterval { get; init; }

    /// <summary>Exact per-example sums every so many steps; 0: never.</summary>
    public int ExactInterval { get; init; }

    /// <summary>The momentum that carries earlier batches into u_t: β₁ for the Adam family, β for SGD, 0 for RMSProp.</summary>
    public double EffectiveMomentum => Optimizer is OptimizerKind.Adam or OptimizerKind.AdamW ? Beta1 : Optimizer is OptimizerKind.Sgd ? Momentum : 0;
}
