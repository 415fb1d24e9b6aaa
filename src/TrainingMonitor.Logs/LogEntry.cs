namespace TrainingMonitor.Logs;

/// <summary>What a log said at one place: some numbers of one step.</summary>
public sealed record LogEntry
{
    /// <summary>The step it names; null: none.</summary>
    public long? Step { get; init; }

    /// <summary>When it was written, ns since the Unix epoch; 0: the log does not say.</summary>
    public long TimeUnixNs { get; init; }

    /// <summary>Steps the job plans to make; 0: not said.</summary>
    public long PlannedSteps { get; init; }

    /// <summary>Numbers by the log's own names, in its order; NaN and infinities too.</summary>
    public required IReadOnlyList<KeyValuePair<string, double>> Values { get; init; }
}
