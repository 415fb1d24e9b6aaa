namespace TrainingMonitor.Cli.Demo;

/// <summary>What the demo is asked to do.</summary>
internal sealed record DemoRequest
{
    /// <summary>Job to train.</summary>
    public required string Job { get; init; }

    /// <summary>Seed of the job.</summary>
    public int Seed { get; init; }

    /// <summary>Steps to make; null: the job's own number.</summary>
    public int? Steps { get; init; }

    /// <summary>No live screen; ends with the job.</summary>
    public bool Headless { get; init; }

    /// <summary>One JSON document at the end, nothing else, on standard output.</summary>
    public bool Json { get; init; }

    /// <summary>Data folder; null: a temporary one.</summary>
    public string? DataFolder { get; init; }

    /// <summary>The temporary folder stays.</summary>
    public bool Keep { get; init; }
}
