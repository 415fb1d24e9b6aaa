using System.ComponentModel.DataAnnotations;
using TrainingMonitor.Client;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.TorchSharp;

/// <summary>What is known of a run and what watching it may cost. Everything has a default; the more is said, the more the monitor can tell.</summary>
public sealed record WatchOptions
{
    /// <summary>Connection, identity and buffers. <see cref="Project"/> and <see cref="RunName"/> below win over the same fields here.</summary>
    public ClientOptions Client { get; init; } = new();

    /// <summary>Project; default: see <see cref="ClientOptions.Project"/>.</summary>
    public string? Project { get; init; }

    /// <summary>Name for display; default: the run id.</summary>
    public string? RunName { get; init; }

    /// <summary>Examples in the training set, n; 0: unknown. Needed for the LOO ratio and the correction of sampling with replacement.</summary>
    [Range(0, long.MaxValue)]
    public long DatasetSize { get; init; }

    /// <summary>Examples a step, b; 0: taken from the model's input where exact sums are on, else unknown.</summary>
    [Range(0, int.MaxValue)]
    public int BatchSize { get; init; }

    /// <summary>How batches are drawn.</summary>
    public SamplingScheme Sampling { get; init; }

    /// <summary>Steps an epoch, where it is not n/b rounded up.</summary>
    [Range(0, long.MaxValue)]
    public long StepsPerEpoch { get; init; }

    /// <summary>Steps the run plans to make, for progress.</summary>
    [Range(0, long.MaxValue)]
    public long PlannedSteps { get; init; }

    /// <summary>Your configuration, for display.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>The monitor's share of the training time, 0.01 = 1%. The intervals that are not set below follow from it and from what the statistics are measured to cost.</summary>
    [Range(0, 10)]
    public double Budget { get; init; } = 0.01;

    /// <summary>Cheap statistics: a pair of steps starts every this many steps (1: every step). Default: chosen to keep to the budget.</summary>
    [Range(1, 1 << 20)]
    public int? PairInterval { get; init; }

    /// <summary>Exact per-example sums every this many steps, 0 for never; should be a multiple of the pair interval. Default: chosen to keep to the budget.</summary>
    [Range(0, 1 << 20)]
    public int? ExactInterval { get; init; }

    /// <summary>True where the loss is the sum over the batch instead of its mean. Statistics speak of the gradient as the optimizer sees it either way.</summary>
    public bool LossIsSum { get; init; }

    /// <summary>Curvature probes; null: none.</summary>
    public ProbeOptions? Probes { get; init; }

    /// <summary>Training examples with random labels, which tell when the network learns by heart; null: none.</summary>
    public Canaries? Canaries { get; init; }

    /// <summary>Training examples that are withheld in turn, on which held-out loss is measured; null: none.</summary>
    public Sentinels? Sentinels { get; init; }

    /// <summary>Seconds of silence after which the server may call the run stalled; 0: from the measured step time and the schedule, at least 60 s.</summary>
    [Range(0, 86400)]
    public double ReportPromiseSeconds { get; init; }
}
