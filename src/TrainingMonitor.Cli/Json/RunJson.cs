using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Json;

/// <summary>One run in a list.</summary>
public sealed record RunJson
{
    /// <summary>Run id.</summary>
    public required string RunId { get; init; }

    /// <summary>Project.</summary>
    public required string Project { get; init; }

    /// <summary>Name for display.</summary>
    public required string Name { get; init; }

    /// <summary>"running", "stalled", "finished" or "failed".</summary>
    public required string State { get; init; }

    /// <summary>Attempt ordinal, from 0.</summary>
    public required uint Attempt { get; init; }

    /// <summary>Segment of the attempt.</summary>
    public required uint Segment { get; init; }

    /// <summary>Newest step.</summary>
    public required ulong Step { get; init; }

    /// <summary>Steps the run plans to make; null where unknown.</summary>
    public ulong? PlannedSteps { get; init; }

    /// <summary>Trainer's clock at the start; null where unknown.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Trainer's clock at the newest report.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>Alerts that are firing.</summary>
    public required uint FiringAlerts { get; init; }

    /// <summary>Worst severity among them; null where none fires.</summary>
    public string? WorstSeverity { get; init; }

    /// <summary>Newest training loss; null where unknown or not finite.</summary>
    public double? Loss { get; init; }

    /// <summary>From the wire.</summary>
    public static RunJson Of(RunSummary run) => new()
    {
        RunId = run.RunId,
        Project = run.Project,
        Name = run.Name,
        State = Words.Of(run.State),
        Attempt = run.Attempt,
        Segment = run.Segment,
        Step = run.Step,
        PlannedSteps = run.PlannedSteps == 0 ? null : run.PlannedSteps,
        StartedAt = Words.Time(run.StartedUnixNs),
        UpdatedAt = Words.Time(run.UpdatedUnixNs),
        FiringAlerts = run.FiringAlerts,
        WorstSeverity = run.FiringAlerts == 0 ? null : Words.Of(run.WorstSeverity),
        Loss = Words.Finite(run.Loss),
    };
}
