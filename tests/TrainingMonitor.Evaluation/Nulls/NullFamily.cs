using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Evaluation.Nulls;

/// <summary>A kind of healthy run: a linear model trained on examples with noise, far more examples than weights, so that nothing can be memorized, and what is
/// put on top of its losses.</summary>
internal sealed record NullFamily
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Detectors were not made with it.</summary>
    public bool HeldBack { get; init; }

    /// <summary>Steps of a run.</summary>
    public int Steps { get; init; } = 10_000;

    /// <summary>Optimizer: SGD (with <see cref="Momentum"/>) or Adam.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Sgd;

    /// <summary>Learning rate.</summary>
    public double Rate { get; init; } = 0.05;

    /// <summary>Momentum of SGD; Adam has β₁ = 0.9, β₂ = 0.999.</summary>
    public double Momentum { get; init; }

    /// <summary>How batches are drawn.</summary>
    public SamplingScheme Sampling { get; init; } = SamplingScheme.Shuffled;

    /// <summary>Examples, n.</summary>
    public int Examples { get; init; } = 2000;

    /// <summary>Examples a step, b.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>Law of the noise in the targets.</summary>
    public NullLaw Law { get; init; } = NullLaw.Normal;

    /// <summary>Size of the noise; the signal has 1.</summary>
    public double Noise { get; init; } = 0.5;

    /// <summary>Factor of the learning rate, by share of the run.</summary>
    public Func<double, double>? Schedule { get; init; }

    /// <summary>Correlation of neighbouring examples in the order they are stored: a data set that is read without shuffling.</summary>
    public double Drift { get; init; }

    /// <summary>What is put on the losses; null: nothing.</summary>
    public Func<LossShape>? Shape { get; init; }

    /// <summary>Steps between restarts from a checkpoint 50 steps back (a new attempt) and rewinds (a new segment), in turn; 0: none.</summary>
    public int RestartEvery { get; init; }

    /// <summary>A pair of steps is sent every so many.</summary>
    public int PairInterval { get; init; } = 1;

    /// <summary>Self terms every so many steps; 0: never.</summary>
    public int ExactInterval { get; init; } = 1;

    /// <summary>Examples of a unit of the per-example sums: above 1 microbatches.</summary>
    public int UnitSize { get; init; } = 1;

    /// <summary>Sampling and data set size are told, and example ids give lag sums.</summary>
    public bool TellsIds { get; init; } = true;

    /// <summary>Whether own and cross are sent.</summary>
    public bool SendsGains { get; init; } = true;

    /// <summary>Whether gradient norms and per-example norms are sent.</summary>
    public bool SendsGradients { get; init; } = true;

    /// <summary>Rules that the stream does not judge: losses put over other gradients contradict them.</summary>
    public IReadOnlySet<DetectionRule> NotJudged { get; init; } = new HashSet<DetectionRule>();

    /// <summary>What the trainer tells of itself.</summary>
    public RunConfiguration Configuration => new()
    {
        Optimizer = Optimizer,
        LearningRate = Rate,
        Momentum = Optimizer == OptimizerKind.Sgd ? Momentum : 0,
        Beta1 = Optimizer == OptimizerKind.Adam ? 0.9 : 0,
        Beta2 = Optimizer == OptimizerKind.Adam ? 0.999 : 0,
        Epsilon = Optimizer == OptimizerKind.Adam ? 1e-8 : 0,
        DatasetSize = TellsIds && Sampling != SamplingScheme.Streaming ? Examples : 0,
        BatchSize = Batch,
        Sampling = TellsIds ? Sampling : SamplingScheme.Unknown,
        PairInterval = PairInterval,
        ExactInterval = ExactInterval,
        PlannedSteps = Steps,
    };
}
