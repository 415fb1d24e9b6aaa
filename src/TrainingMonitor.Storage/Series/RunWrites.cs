using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Storage.Series;

/// <summary>Everything one run produced in a range of log positions. Written in one transaction with <see cref="Position"/>, so that a rewrite after a crash is
/// recognized: the store ignores writes whose position is not above what it has committed for the run.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Position">Log position of the last input behind these points. All points of one position travel in one RunWrites.</param>
public sealed record RunWrites(string RunId, long Position)
{
    /// <summary>Project of the run: the group it is listed under; empty where it has none.</summary>
    public string Project { get; init; } = "";

    /// <summary>Run-level points.</summary>
    public IReadOnlyList<RunPoint> Points { get; init; } = [];

    /// <summary>Closed layer windows.</summary>
    public IReadOnlyList<LayerBlock> Blocks { get; init; } = [];

    /// <summary>Probes.</summary>
    public IReadOnlyList<ProbePoint> Probes { get; init; } = [];

    /// <summary>User scalars.</summary>
    public IReadOnlyList<ScalarPoint> Scalars { get; init; } = [];

    /// <summary>Alert transitions.</summary>
    public IReadOnlyList<Alert> Alerts { get; init; } = [];

    /// <summary>New list row, where it changed.</summary>
    public RunRow? Row { get; init; }
}
