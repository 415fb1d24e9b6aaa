namespace TrainingMonitor.Estimation.Series;

/// <summary>A per-layer series. Names, units and meanings are in <see cref="SeriesCatalog"/>. Stored by name.</summary>
public enum LayerSeries
{
    /// <summary>‖ḡ‖.</summary>
    GradNorm,

    /// <summary>‖w‖.</summary>
    WeightNorm,

    /// <summary>‖u‖.</summary>
    UpdateNorm,

    /// <summary>‖u‖/‖w‖.</summary>
    UpdateRatio,

    /// <summary>Unbiased |G|².</summary>
    SignalSq,

    /// <summary>Unbiased tr Σ.</summary>
    TraceSigma,

    /// <summary>Gradient noise scale, examples.</summary>
    NoiseScale,

    /// <summary>Lower end of its 90% interval.</summary>
    NoiseScaleLow,

    /// <summary>Upper end of its 90% interval.</summary>
    NoiseScaleHigh,

    /// <summary>LOO ratio ρ of the layer.</summary>
    LooRatio,

    /// <summary>Share of the update's gain that helps other examples.</summary>
    SignalShare,

    /// <summary>Gate-open fraction minus its null.</summary>
    GateExcess,

    /// <summary>The same from the Adam state.</summary>
    GateExcessProxy,

    /// <summary>RMS staleness.</summary>
    RmsStaleness,

    /// <summary>Momentum norm.</summary>
    MomentumNorm,

    /// <summary>Non-finite gradient elements.</summary>
    NonFinite,
}
