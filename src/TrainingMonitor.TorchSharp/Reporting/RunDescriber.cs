using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Layers;
using TrainingMonitor.TorchSharp.Optimizers;
using static TorchSharp.torch.optim;

namespace TrainingMonitor.TorchSharp.Reporting;

/// <summary>Says what the run is, and what cannot be had of it and why.</summary>
internal sealed class RunDescriber(WatchOptions options, Optimizer optimizer, LayerMap map)
{
    private const int MostTags = 256;

    /// <summary>The description now.</summary>
    public RunDescription Describe(Schedule schedule, IEnumerable<(string Layer, string Reason)> missing, bool idsGiven, double promiseSeconds)
    {
        var description = new RunDescription
        {
            Optimizer = OptimizerReader.Describe(optimizer, map),
            DatasetSize = (ulong)options.DatasetSize,
            BatchSize = (ulong)options.BatchSize,
            Sampling = options.Sampling,
            StepsPerEpoch = (ulong)options.StepsPerEpoch,
            PlannedSteps = (ulong)options.PlannedSteps,
            Parameters = (ulong)map.Parameters.Sum(p => p.Elements),
            Schedule = schedule,
            ReportPromiseSeconds = promiseSeconds,
        };
        foreach (var (name, value) in options.Tags.Take(MostTags))
        {
            description.Tags[name] = value;
        }

        foreach (var (layer, reason) in missing)
        {
            description.Unavailable[$"example_grad_sq/{layer}"] = reason;
        }

        if (!idsGiven)
        {
            description.Unavailable["cross_by_lag"] = "no example ids";
        }

        if (schedule.ExactInterval == 0)
        {
            description.Unavailable["example_grad_sq"] = options.ExactInterval == 0 ? "switched off" : "no layer with per-example arithmetic";
        }

        if (map.Parameters.Any(p => OptimizerReader.Read(p).Kind == RuleKind.Unknown))
        {
            description.Unavailable["own"] = description.Unavailable["cross"] = $"the update of {optimizer.GetType().Name} (or of maximize) is not known";
        }

        return description;
    }
}
