namespace TrainingMonitor.Attach.Staging;

/// <summary>What the payload is told.</summary>
public sealed record PayloadConfiguration
{
    /// <summary>The relay's socket, as the training process sees it.</summary>
    public required string Socket { get; init; }

    /// <summary>The relay's secret.</summary>
    public required string Secret { get; init; }

    /// <summary>Run id.</summary>
    public required string RunId { get; init; }

    /// <summary>Project; null: the process's TRAINMON_PROJECT, else "default".</summary>
    public string? Project { get; init; }

    /// <summary>Name for display; null: the run id.</summary>
    public string? RunName { get; init; }

    /// <summary>Share of the step time that watching may cost.</summary>
    public double Budget { get; init; } = 0.01;

    /// <summary>A pair of looked-at steps begins every so many; null: by the budget.</summary>
    public int? PairInterval { get; init; }

    /// <summary>Sums over examples every so many steps, 0: never; null: by the budget.</summary>
    public int? ExactInterval { get; init; }

    /// <summary>Words about the run, for display.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }
}
