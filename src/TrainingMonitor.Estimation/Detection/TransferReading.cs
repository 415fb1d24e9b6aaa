namespace TrainingMonitor.Estimation.Detection;

/// <summary>What one pair (t−1, t) says about the update u_{t−1}, in nats a step. NaN where absent; <c>default</c> has no pair.</summary>
public readonly record struct TransferReading
{
    /// <summary>Whether the pair may be used: own and cross are there and finite, no seam, skip, rewind or mute.</summary>
    public bool Usable { get; init; }

    /// <summary>⟨g_{t−1},u_{t−1}⟩.</summary>
    public double Own { get; init; }

    /// <summary>Own without the part that each example gives itself.</summary>
    public double OwnLoo { get; init; }

    /// <summary>⟨g_t,u_{t−1}⟩.</summary>
    public double Cross { get; init; }

    /// <summary>Cross with the overlap with recent batches taken out (c of the lag regression); equals <see cref="Cross"/> where
    /// <see cref="LagCorrected"/> is false.</summary>
    public double FreshCross { get; init; }

    /// <summary>½(OwnLoo + Cross): what the update gained on the next batch.</summary>
    public double Gain { get; init; }

    /// <summary>½(OwnLoo + FreshCross): what it gained on examples not in recent batches; NaN where the data cannot tell.</summary>
    public double FreshGain { get; init; }

    /// <summary>Updates the pair stands for: 1 when every pair is reported, more when pairs are thinned.</summary>
    public double Steps { get; init; }

    /// <summary>Whether example ids allowed the regression on the lag.</summary>
    public bool LagCorrected { get; init; }

    /// <summary>Whether the self term was measured at an earlier step than t−1 (exact sums are thinned).</summary>
    public bool SelfHeld { get; init; }
}
