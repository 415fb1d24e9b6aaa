using TrainingMonitor.Estimation.Detection;
using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Evaluation.Nulls;

/// <summary>The families of null streams. Held-back ones differ in optimizer, sampling, law and what is sent.</summary>
internal static class NullFamilies
{
    // Losses that are put over a linear model's gradients say nothing of what those gradients do.
    private static readonly HashSet<DetectionRule> OfGradients =
        [DetectionRule.MemorizationOnset, DetectionRule.MemorizationStays, DetectionRule.Grokking, DetectionRule.GrokkingOnItsWay];

    /// <summary>All.</summary>
    public static IEnumerable<NullFamily> All() => Development().Concat(HeldBack().Select(family => family with { HeldBack = true }));

    private static IEnumerable<NullFamily> Development()
    {
        yield return new() { Name = "plain SGD, shuffled" };
        yield return new() { Name = "momentum, shuffled, small data", Momentum = 0.9, Rate = 0.01, Examples = 320, Batch = 16 };
        yield return new() { Name = "Adam, with replacement", Optimizer = OptimizerKind.Adam, Rate = 0.003, Sampling = SamplingScheme.WithReplacement };
        yield return new() { Name = "one pass, Student 3", Momentum = 0.9, Rate = 0.005, Sampling = SamplingScheme.Streaming, Law = NullLaw.Student3 };
        yield return new() { Name = "autocorrelated losses", Shape = () => new LossShape { Spread = 0.3, Correlation = 0.95 } };
        yield return new() { Name = "epoch seams", Momentum = 0.9, Rate = 0.005, Shape = () => new LossShape { EpochDrop = 0.4, Spread = 0.1 } };
        yield return new() { Name = "warm-up and cosine", Optimizer = OptimizerKind.Adam, Rate = 0.01, Schedule = WarmUpCosine };
        yield return new()
        {
            Name = "memorized, log-normal", NotJudged = OfGradients, Shape = () => new LossShape { MemorizedFloor = 0.02, LogSpread = 0.9 },
        };
        yield return new() { Name = "pairs every 4, exact every 16", Momentum = 0.9, Rate = 0.005, PairInterval = 4, ExactInterval = 16 };
        yield return new() { Name = "restarts and rewinds", Optimizer = OptimizerKind.Adam, Rate = 0.003, RestartEvery = 500 };
        yield return new() { Name = "norms only", Momentum = 0.9, Rate = 0.01, SendsGains = false, ExactInterval = 0, TellsIds = false };
    }

    private static IEnumerable<NullFamily> HeldBack()
    {
        yield return new() { Name = "plateau, heavy tails", Momentum = 0.9, Rate = 0.002, Law = NullLaw.Student3, Noise = 2, Examples = 1000, Batch = 10, Steps = 20_000 };
        yield return new() { Name = "momentum, with replacement, skewed", Momentum = 0.8, Rate = 0.01, Sampling = SamplingScheme.WithReplacement, Law = NullLaw.Exponential, Examples = 1000 };
        yield return new() { Name = "Adam, small data", Optimizer = OptimizerKind.Adam, Rate = 0.002, Examples = 400, Batch = 20, Law = NullLaw.Exponential };
        yield return new() { Name = "one pass, Adam, drifting inputs", Optimizer = OptimizerKind.Adam, Rate = 0.003, Sampling = SamplingScheme.Streaming, Drift = 0.8 };
        yield return new() { Name = "read in order, drifting inputs", Rate = 0.03, Sampling = SamplingScheme.Sequential, Drift = 0.9 };
        yield return new() { Name = "autocorrelated heavy losses", Shape = () => new LossShape { Spread = 0.25, Correlation = 0.9, Law = NullLaw.Student3 } };
        yield return new() { Name = "step drops, epoch seams", Momentum = 0.9, Rate = 0.008, Schedule = StepDrops, Shape = () => new LossShape { EpochDrop = 0.25 } };
        yield return new() { Name = "warm restarts, Student 3", Momentum = 0.9, Rate = 0.006, Schedule = WarmRestarts, Law = NullLaw.Student3 };
        yield return new()
        {
            Name = "memorized, autocorrelated log-normal", NotJudged = OfGradients,
            Shape = () => new LossShape { MemorizedFloor = 0.005, LogSpread = 1.2, Correlation = 0.5, DecaySteps = 1000 },
        };
        yield return new() { Name = "memorized, log-Student 3", NotJudged = OfGradients, Shape = () => new LossShape { MemorizedFloor = 0.02, LogSpread = 0.5, Law = NullLaw.Student3 } };
        yield return new() { Name = "exact every 16, with replacement", Optimizer = OptimizerKind.Adam, Rate = 0.003, Sampling = SamplingScheme.WithReplacement, ExactInterval = 16 };
        yield return new() { Name = "rewinds, one pass", Momentum = 0.9, Rate = 0.005, Sampling = SamplingScheme.Streaming, RestartEvery = 300, Law = NullLaw.Student3 };
        yield return new() { Name = "Adam state only", Optimizer = OptimizerKind.Adam, Rate = 0.003, ExactInterval = 0, TellsIds = false };
        yield return new() { Name = "microbatches only", Momentum = 0.9, Rate = 0.01, UnitSize = 4, TellsIds = false };
    }

    private static double WarmUpCosine(double share) => share < 0.05 ? 0.01 + (share / 0.05 * 0.99) : 0.5 * (1 + Math.Cos(Math.PI * (share - 0.05) / 0.95));

    private static double StepDrops(double share) => share < 0.4 ? 1 : share < 0.7 ? 0.1 : 0.01;

    private static double WarmRestarts(double share) => 0.02 + (0.49 * (1 + Math.Cos(Math.PI * (share * 10 % 1))));
}
