namespace TrainingMonitor.Cli.Demo;

/// <summary>How a demo ended, for people and scripts.</summary>
public sealed record DemoSummary
{
    /// <summary>Run id.</summary>
    public required string RunId { get; init; }

    /// <summary>Job.</summary>
    public required string Job { get; init; }

    /// <summary>Seed.</summary>
    public required int Seed { get; init; }

    /// <summary>Steps made.</summary>
    public required ulong Steps { get; init; }

    /// <summary>Wall time of the job.</summary>
    public required double Seconds { get; init; }

    /// <summary>"finished", "failed", …</summary>
    public required string State { get; init; }

    /// <summary>Alerts that fired, in the order they did.</summary>
    public required IReadOnlyList<DemoAlert> Alerts { get; init; }

    /// <summary>Held-out loss; null where the job logs none.</summary>
    public HeldOut? HeldOut { get; init; }

    /// <summary>Grokking; null where it was not announced.</summary>
    public GrokkingLead? Grokking { get; init; }

    /// <summary>Sharpness; null where it was not probed.</summary>
    public SharpnessSummary? Sharpness { get; init; }

    /// <summary>Newest estimates by series name.</summary>
    public required IReadOnlyDictionary<string, double> Estimates { get; init; }

    /// <summary>Page of the run.</summary>
    public required string Page { get; init; }

    /// <summary>Data folder, where it stays.</summary>
    public string? DataFolder { get; init; }
}
