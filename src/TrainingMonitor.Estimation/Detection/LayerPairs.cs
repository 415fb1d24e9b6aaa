namespace TrainingMonitor.Estimation.Detection;

/// <summary>What one pair (t−1, t) says of each layer, in nats: <see cref="TransferReading"/> layer by layer. All are empty where no pair closed, NaN where a layer has nothing.</summary>
public readonly ref struct LayerPairs
{
    /// <summary>Own without the part that each example gives itself, of t−1.</summary>
    public ReadOnlySpan<double> OwnLoo { get; init; }

    /// <summary>That part.</summary>
    public ReadOnlySpan<double> Self { get; init; }

    /// <summary>⟨g_t,u_{t−1}⟩, the overlap with recent batches still in it.</summary>
    public ReadOnlySpan<double> Cross { get; init; }
}
