using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Json;

/// <summary>One transition of an alert.</summary>
public sealed record AlertJson
{
    /// <summary>Identity of the alert: run, rule and layer.</summary>
    public required string Id { get; init; }

    /// <summary>1, 2, … over the transitions of the run's alerts.</summary>
    public required ulong Ordinal { get; init; }

    /// <summary>Run id.</summary>
    public required string RunId { get; init; }

    /// <summary>Rule, such as "memorization_onset".</summary>
    public required string Rule { get; init; }

    /// <summary>Layer; null for the whole run.</summary>
    public string? Layer { get; init; }

    /// <summary>"info", "warning" or "critical".</summary>
    public required string Severity { get; init; }

    /// <summary>"pending", "firing" or "resolved".</summary>
    public required string State { get; init; }

    /// <summary>Step where it was seen.</summary>
    public required ulong Step { get; init; }

    /// <summary>First step of the condition.</summary>
    public required ulong SinceStep { get; init; }

    /// <summary>Trainer's clock of the step.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Series name of the statistic behind it.</summary>
    public string? Statistic { get; init; }

    /// <summary>Its value.</summary>
    public double? Value { get; init; }

    /// <summary>What it was compared with.</summary>
    public double? Threshold { get; init; }

    /// <summary>What is promised about false alarms.</summary>
    public string? FalseAlarmControl { get; init; }

    /// <summary>One plain sentence with the numbers.</summary>
    public required string Summary { get; init; }

    /// <summary>What a person can do.</summary>
    public required string Advice { get; init; }

    /// <summary>From the wire.</summary>
    public static AlertJson Of(Alert alert) => new()
    {
        Id = alert.Id,
        Ordinal = alert.Ordinal,
        RunId = alert.RunId,
        Rule = alert.Rule,
        Layer = NonEmpty(alert.Layer),
        Severity = Words.Of(alert.Severity),
        State = Words.Of(alert.State),
        Step = alert.Step,
        SinceStep = alert.SinceStep,
        Time = Words.Time(alert.TimeUnixNs),
        Statistic = NonEmpty(alert.Evidence?.Statistic),
        Value = alert.Evidence is null ? null : Words.Finite(alert.Evidence.Value),
        Threshold = alert.Evidence is null ? null : Words.Finite(alert.Evidence.Threshold),
        FalseAlarmControl = NonEmpty(alert.Evidence?.FalseAlarmControl),
        Summary = alert.Summary,
        Advice = alert.Advice,
    };

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
