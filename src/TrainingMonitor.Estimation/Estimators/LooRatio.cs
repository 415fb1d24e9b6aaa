using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>The LOO ratio ρ = ‖ḡ‖²/(tr Σ̂/(n−1)) over the training set: above 1 exactly when the mean inner product of two different examples'
/// gradients is positive. From batches without replacement ρ̂ = 1 + n|G|²/tr Σ, with replacement (n−1)|G|²/tr Σ; with the unbiased |G|² and tr Σ both
/// equal ρ in expectation of numerator and denominator (docs/statistics.md §2).</summary>
internal readonly ref struct LooRatio
{
    private readonly double unitCount;

    /// <summary>Decides which form applies to the step.</summary>
    public LooRatio(StepInput step, RunConfiguration configuration)
    {
        double n = configuration.DatasetSize;
        unitCount = step.UnitCount;
        FullBatch = configuration.Sampling == SamplingScheme.FullBatch || (n > 0 && step.BatchSize == configuration.DatasetSize && configuration.Sampling != SamplingScheme.WithReplacement);
        var collapsed = step.BatchSize > 0 && step[StepValue.ZeroGradExamples] >= step.BatchSize;
        var reliable = !(step[StepValue.Loss] < NoiseEstimator.SmallestLoss) && !collapsed;
        (Slope, Offset) = configuration.Sampling == SamplingScheme.WithReplacement ? (n - 1, 0) : (n, 1);
        var sampled = n > 1 && configuration.Sampling is SamplingScheme.Shuffled or SamplingScheme.Sequential or SamplingScheme.WithReplacement;
        Known = reliable && (FullBatch || sampled);
    }

    /// <summary>Whether ρ means something here: the number of examples and how they are drawn are known and the gradients are not rounding noise.</summary>
    public bool Known { get; }

    /// <summary>Whether the step saw the whole training set, so that ρ is exact.</summary>
    public bool FullBatch { get; }

    /// <summary>Factor of |G|²/tr Σ.</summary>
    public double Slope { get; }

    /// <summary>Summand.</summary>
    public double Offset { get; }

    /// <summary>(M−1) G/(Q−G); NaN without variance.</summary>
    public double Exact(double meanSq, double unitSq) => unitSq > meanSq ? (unitCount - 1) * meanSq / (unitSq - meanSq) : double.NaN;

    /// <summary>From |G|² and tr Σ; NaN without variance.</summary>
    public double Sampled(double signal, double trace) => trace > 0 ? Offset + (Slope * signal / trace) : double.NaN;
}
