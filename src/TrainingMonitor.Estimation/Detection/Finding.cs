namespace TrainingMonitor.Estimation.Detection;

/// <summary>One transition of one rule. Made only when a state changes, so a step without news allocates nothing.</summary>
public sealed record Finding
{
    /// <summary>The rule.</summary>
    public required DetectionRule Rule { get; init; }

    /// <summary>Layer index; −1: the whole run.</summary>
    public int Layer { get; init; } = -1;

    /// <summary>New state.</summary>
    public required FindingState State { get; init; }

    /// <summary>Severity.</summary>
    public required FindingSeverity Severity { get; init; }

    /// <summary>Step of the transition.</summary>
    public required long Step { get; init; }

    /// <summary>Trainer's clock at that step, ns.</summary>
    public required long TimeUnixNs { get; init; }

    /// <summary>First step of the condition.</summary>
    public required long SinceStep { get; init; }

    /// <summary>Series name of the statistic.</summary>
    public required string Statistic { get; init; }

    /// <summary>Its value.</summary>
    public required double Value { get; init; }

    /// <summary>What it was compared with.</summary>
    public required double Threshold { get; init; }

    /// <summary>First step looked at.</summary>
    public required long WindowFrom { get; init; }

    /// <summary>Last step looked at.</summary>
    public required long WindowTo { get; init; }

    /// <summary>What is promised about false alarms, in words.</summary>
    public required string FalseAlarmControl { get; init; }

    /// <summary>One plain sentence with the numbers.</summary>
    public required string Summary { get; init; }

    /// <summary>What a person can do.</summary>
    public required string Advice { get; init; }

    /// <summary>Absent statistics that would have helped.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Other numbers by name.</summary>
    public IReadOnlyDictionary<string, double> Values { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);
}
