using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Evaluation.Recordings;

/// <summary>The stream of one real training run as the server would have applied it, with truths and baselines beside it.</summary>
internal sealed class Recording
{
    /// <summary>What the run was.</summary>
    public required RecordingHeader Header { get; init; }

    /// <summary>Reported steps, ascending.</summary>
    public required int[] Steps { get; init; }

    /// <summary>What the stream carried, by name (<see cref="TrackName"/>), one value a reported step; NaN where absent.</summary>
    public required Dictionary<string, double[]> Tracks { get; init; }

    /// <summary>Probes, by step.</summary>
    public required ProbeInput[] Probes { get; init; }

    /// <summary>Truths and baselines, by name.</summary>
    public required Dictionary<string, Curve> Curves { get; init; }
}
