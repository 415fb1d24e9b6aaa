using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Cluster.Tests.Checking;

/// <summary>Everything that is known of one run from outside, at a moment when its trainers stood still.</summary>
/// <param name="RunId">The run.</param>
public sealed record RunEvidence(string RunId)
{
    /// <summary>Histories of its trainers, oldest process first.</summary>
    public IReadOnlyList<TrainerHistory> Histories { get; init; } = [];

    /// <summary>The shared log from its first record, in the order of positions.</summary>
    public IReadOnlyList<FrameRecord> Log { get; init; } = [];

    /// <summary>Who committed the log; empty: the log does not say.</summary>
    public IReadOnlyList<LogChunk> Chunks { get; init; } = [];

    /// <summary>Points in the series store, alerts included; null: nobody has looked.</summary>
    public IReadOnlyList<StoredPoint>? Stored { get; init; }

    /// <summary>Position up to which the series store says that it has everything.</summary>
    public long Committed { get; init; }

    /// <summary>What each node says.</summary>
    public IReadOnlyList<NodeAnswer> Nodes { get; init; } = [];

    /// <summary>What the receiver of alerts was told; null: there is none.</summary>
    public IReadOnlyList<Delivery>? Deliveries { get; init; }
}
