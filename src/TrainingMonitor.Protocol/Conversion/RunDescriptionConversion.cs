using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Protocol.Conversion;

/// <summary>What the estimators need to know of a run, out of its description.</summary>
public static class RunDescriptionConversion
{
    /// <summary>Converts; absent becomes zero, unknown.</summary>
    public static RunConfiguration ToConfiguration(this RunDescription description)
    {
        ArgumentNullException.ThrowIfNull(description);
        var optimizer = description.Optimizer ?? new OptimizerDescription();
        var schedule = description.Schedule ?? new Schedule();
        var kind = (Estimation.Input.OptimizerKind)(int)optimizer.Kind;
        return new RunConfiguration
        {
            Optimizer = kind,
            LearningRate = optimizer.LearningRate,
            Momentum = optimizer.Momentum,
            Dampening = optimizer.Dampening,
            Nesterov = optimizer.Nesterov,
            Beta1 = optimizer.Beta1,
            Beta2 = kind == Estimation.Input.OptimizerKind.RmsProp ? optimizer.Alpha : optimizer.Beta2,
            Epsilon = optimizer.Epsilon,
            WeightDecay = optimizer.WeightDecay,
            DecoupledDecay = optimizer.DecoupledDecay,
            UpdateIncludesDecay = optimizer.UpdateIncludesDecay,
            DatasetSize = Clamp(description.DatasetSize),
            BatchSize = Clamp(description.BatchSize),
            Sampling = (Estimation.Input.SamplingScheme)(int)description.Sampling,
            StepsPerEpoch = Clamp(description.StepsPerEpoch),
            PlannedSteps = Clamp(description.PlannedSteps),
            PairInterval = (int)Math.Min(schedule.PairInterval, int.MaxValue),
            ExactInterval = (int)Math.Min(schedule.ExactInterval, int.MaxValue),
        };
    }

    private static long Clamp(ulong value) => (long)Math.Min(value, long.MaxValue);
}
