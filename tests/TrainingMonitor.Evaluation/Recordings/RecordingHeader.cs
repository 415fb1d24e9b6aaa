using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Evaluation.Recordings;

/// <summary>What a recorded run was.</summary>
internal sealed record RecordingHeader
{
    /// <summary>Suite, e.g. "memorization".</summary>
    public required string Suite { get; init; }

    /// <summary>Configuration: all runs of a cell differ by their seed only.</summary>
    public required string Cell { get; init; }

    /// <summary>Seed of data, weights and batches.</summary>
    public required int Seed { get; init; }

    /// <summary>Held back: scored for the report only, never looked at while detectors are made.</summary>
    public required bool HeldBack { get; init; }

    /// <summary>What the trainer told of itself.</summary>
    public required RunConfiguration Configuration { get; init; }

    /// <summary>Names of the layers, in table order.</summary>
    public required string[] Layers { get; init; }

    /// <summary>Other facts by name (parameters, seconds it took).</summary>
    public Dictionary<string, double> Facts { get; init; } = new(StringComparer.Ordinal);
}
