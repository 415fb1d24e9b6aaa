using Google.Protobuf.Collections;
using TrainingMonitor.Protocol.V1;
using static TrainingMonitor.Protocol.Validation.FrameError;

namespace TrainingMonitor.Protocol.Validation;

/// <summary>Rules of a run's description.</summary>
internal sealed class DescriptionRules(FrameLimits limits)
{
    /// <summary>Null, or why the description at <paramref name="path"/> is refused.</summary>
    public FrameError? Check(RunDescription description, string path) =>
        (description.Optimizer is null ? null : Optimizer(description.Optimizer, path))
        ?? Count(description.DatasetSize, path, "dataset_size")
        ?? Count(description.BatchSize, path, "batch_size")
        ?? Count(description.StepsPerEpoch, path, "steps_per_epoch")
        ?? Count(description.PlannedSteps, path, "planned_steps")
        ?? Count(description.Parameters, path, "parameters")
        ?? (description.Schedule is null ? null : Number(description.Schedule.Budget, path, "schedule.budget"))
        ?? Promise(description.ReportPromiseSeconds, path)
        ?? Map(description.Tags, path, "tags")
        ?? Map(description.Unavailable, path, "unavailable");

    private FrameError? Optimizer(OptimizerDescription optimizer, string path) =>
        Number(optimizer.LearningRate, path, "optimizer.learning_rate")
        ?? Number(optimizer.Momentum, path, "optimizer.momentum")
        ?? Number(optimizer.Dampening, path, "optimizer.dampening")
        ?? Number(optimizer.Beta1, path, "optimizer.beta1")
        ?? Number(optimizer.Beta2, path, "optimizer.beta2")
        ?? Number(optimizer.Epsilon, path, "optimizer.epsilon")
        ?? Number(optimizer.WeightDecay, path, "optimizer.weight_decay")
        ?? Number(optimizer.Alpha, path, "optimizer.alpha")
        ?? (TextRules.Text(optimizer.Name, limits.MaxTextBytes) is { } wrong ? Invalid($"{path}.optimizer.name", wrong) : null);

    private static FrameError? Promise(double seconds, string path) =>
        Number(seconds, path, "report_promise_seconds")
        ?? (seconds <= NumberRules.MaxPromiseSeconds
            ? null
            : Invalid($"{path}.report_promise_seconds", $"{seconds} s, at most {NumberRules.MaxPromiseSeconds} s are taken"));

    private static FrameError? Count(ulong value, string path, string field) =>
        NumberRules.Count(value) is { } wrong ? Invalid($"{path}.{field}", wrong) : null;

    private static FrameError? Number(double value, string path, string field) =>
        NumberRules.NonNegative(value) is { } wrong ? Invalid($"{path}.{field}", wrong) : null;

    private FrameError? Map(MapField<string, string> map, string path, string field)
    {
        if (map.Count > limits.MaxTags)
        {
            return Limit($"{path}.{field}", $"{map.Count} entries, at most {limits.MaxTags} are taken");
        }

        foreach (var (key, value) in map)
        {
            if (TextRules.Name(key, limits.MaxTextBytes) is { } wrongKey)
            {
                return Invalid($"{path}.{field}", $"a key: {wrongKey}");
            }

            if (TextRules.Text(value, limits.MaxTextBytes) is { } wrong)
            {
                return Invalid($"{path}.{field}[\"{key}\"]", wrong);
            }
        }

        return null;
    }
}
