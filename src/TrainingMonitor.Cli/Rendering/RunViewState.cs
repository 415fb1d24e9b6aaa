using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Cli.Rendering;

/// <summary>What a screen of one run shows.</summary>
public sealed record RunViewState
{
    /// <summary>Identity and progress.</summary>
    public required RunSummary Summary { get; init; }

    /// <summary>Newest estimates by series name.</summary>
    public IReadOnlyDictionary<string, double> Estimates { get; init; } = new Dictionary<string, double>();

    /// <summary>Downsampled series of the charts.</summary>
    public IReadOnlyList<Series> Series { get; init; } = [];

    /// <summary>Alert transitions, oldest first.</summary>
    public IReadOnlyList<Alert> Alerts { get; init; } = [];
}
