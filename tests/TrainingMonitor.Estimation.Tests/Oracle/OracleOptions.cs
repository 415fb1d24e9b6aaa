using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Tests.Oracle;

/// <summary>A training run of the oracle.</summary>
public sealed record OracleOptions
{
    public int[] Hidden { get; init; } = [128, 128];

    public int Outputs { get; init; } = 10;

    public OracleLoss Loss { get; init; } = OracleLoss.CrossEntropy;

    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    public double LearningRate { get; init; } = 1e-3;

    public double Momentum { get; init; }

    public double Dampening { get; init; }

    public bool Nesterov { get; init; }

    public double Beta1 { get; init; } = 0.9;

    public double Beta2 { get; init; } = 0.999;

    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Coupled (L2) for SGD and Adam, decoupled for AdamW.</summary>
    public double WeightDecay { get; init; }

    public int BatchSize { get; init; } = 50;

    /// <summary>Examples a unit of the per-example columns.</summary>
    public int UnitSize { get; init; } = 1;

    public SamplingScheme Sampling { get; init; } = SamplingScheme.Shuffled;

    /// <summary>Send the sums for the regression on the lag (example ids are known).</summary>
    public bool LagSums { get; init; } = true;

    /// <summary>Compute <see cref="OracleTrainer.ExactGain"/>: one more forward pass a step.</summary>
    public bool ExactGain { get; init; }

    /// <summary>Log held-out loss and accuracy every so many steps; 0: never.</summary>
    public int HeldOutInterval { get; init; }

    /// <summary>Send own and cross without the decoupled decay, which goes to its own columns.</summary>
    public bool SeparateDecay { get; init; }

    public int Seed { get; init; }
}
