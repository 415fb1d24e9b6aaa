using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Server.Pages.Runs;

/// <summary>A run's description in words; what is unknown is left out.</summary>
internal static class RunDescriptionWords
{
    public static IEnumerable<(string Name, string Value)> Of(RunDescription run)
    {
        if (run.Optimizer is { } optimizer)
        {
            yield return ("Optimizer", Name(optimizer));
            foreach (var fact in Of(optimizer))
                yield return fact;
        }

        if (run.BatchSize > 0)
            yield return ("Batch size", Display.Count(run.BatchSize));
        if (run.DatasetSize > 0)
            yield return ("Training examples", Display.Count(run.DatasetSize));
        if (run.Sampling != SamplingScheme.Unspecified)
            yield return ("Sampling", Sampling(run.Sampling));
        if (run.Parameters > 0)
            yield return ("Parameters", Display.Count(run.Parameters));
        if (run.Schedule is { } schedule)
            yield return ("Schedule", Schedule(schedule));
    }

    private static IEnumerable<(string Name, string Value)> Of(OptimizerDescription optimizer)
    {
        if (optimizer.LearningRate > 0)
            yield return ("Learning rate", Display.Number(optimizer.LearningRate));
        if (optimizer.Momentum > 0)
            yield return ("Momentum", Display.Number(optimizer.Momentum) + (optimizer.Nesterov ? ", Nesterov" : ""));
        if (optimizer.Beta1 > 0 || optimizer.Beta2 > 0)
            yield return ("β₁, β₂", $"{Display.Number(optimizer.Beta1)}, {Display.Number(optimizer.Beta2)}");
        if (optimizer.WeightDecay > 0)
            yield return ("Weight decay", Display.Number(optimizer.WeightDecay) + (optimizer.DecoupledDecay ? ", decoupled" : ""));
    }

    private static string Name(OptimizerDescription optimizer) => optimizer.Kind switch
    {
        OptimizerKind.Sgd => "SGD",
        OptimizerKind.Adam => "Adam",
        OptimizerKind.Adamw => "AdamW",
        OptimizerKind.Rmsprop => "RMSProp",
        _ => optimizer.Name.Length > 0 ? optimizer.Name : "unknown",
    };

    private static string Sampling(SamplingScheme sampling) => sampling switch
    {
        SamplingScheme.Shuffled => "shuffled every epoch",
        SamplingScheme.WithReplacement => "with replacement",
        SamplingScheme.FullBatch => "full batch",
        SamplingScheme.Streaming => "every example once",
        _ => "the same order every epoch",
    };

    private static string Schedule(Schedule schedule) =>
        $"pairs {Every(Math.Max(schedule.PairInterval, 1))}, exact sums {Every(schedule.ExactInterval)}, probes {Every(schedule.ProbeInterval)}"
        + (schedule.Budget > 0 ? $", budget {schedule.Budget * 100:0.##}% of step time" : "");

    private static string Every(uint interval) => interval switch { 0 => "never", 1 => "every step", _ => $"every {interval} steps" };
}
