namespace TrainingMonitor.Estimation;

/// <summary>Where a run stands towards the edge of stability. The numbers are those of the series <c>stability_regime</c>.</summary>
public enum StabilityRegime
{
    /// <summary>Too few probes, or no threshold for this optimizer.</summary>
    Unknown = 0,

    /// <summary>Sharpness below the threshold, and not rising.</summary>
    Stable = 1,

    /// <summary>Sharpness below the threshold, and rising.</summary>
    ProgressiveSharpening = 2,

    /// <summary>Minibatch momentum SGD: above the plateau of small batches, below that of large ones.</summary>
    InBetween = 3,

    /// <summary>Sharpness hovers at the threshold: the learning rate sets it.</summary>
    AtTheEdge = 4,

    /// <summary>Sharpness above the threshold for good: oscillations grow.</summary>
    Beyond = 5,
}
