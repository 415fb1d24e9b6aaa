namespace TrainingMonitor.Notifications.Options;

/// <summary>Which alerts go to which receivers. Empty lists match everything; "*" in a pattern stands for any text.</summary>
public sealed record RouteOptions
{
    /// <summary>Patterns of project names.</summary>
    public IReadOnlyList<string> Projects { get; init; } = [];

    /// <summary>Patterns of rules.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>"info", "warning", "critical".</summary>
    public IReadOnlyList<string> Severities { get; init; } = [];

    /// <summary>Names of receivers. None: such alerts are told to nobody.</summary>
    public IReadOnlyList<string> Receivers { get; init; } = [];

    /// <summary>Later routes are looked at as well.</summary>
    public bool Continue { get; init; }
}
