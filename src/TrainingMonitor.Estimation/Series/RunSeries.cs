namespace TrainingMonitor.Estimation.Series;

/// <summary>A run-level series: one value a step. Names, units and meanings are in <see cref="SeriesCatalog"/>.
/// Stored by name, so members may be added anywhere.</summary>
public enum RunSeries
{
    /// <summary>Training loss as reported.</summary>
    Loss,

    /// <summary>Learning rate.</summary>
    LearningRate,

    /// <summary>Training accuracy.</summary>
    Accuracy,

    /// <summary>Held-out loss, for the reader only.</summary>
    HeldOutLoss,

    /// <summary>Held-out accuracy, for the reader only.</summary>
    HeldOutAccuracy,

    /// <summary>Tokens of the step.</summary>
    Tokens,

    /// <summary>Seconds a step.</summary>
    StepSeconds,

    /// <summary>Seconds of the monitor in the step.</summary>
    MonitorSeconds,

    /// <summary>Fractional epoch.</summary>
    Epoch,

    /// <summary>Examples seen.</summary>
    Samples,

    /// <summary>Examples with a zero gradient.</summary>
    ZeroGradExamples,

    /// <summary>Clip coefficient.</summary>
    ClipCoefficient,

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

    /// <summary>Gradient noise scale tr Σ/|G|², examples.</summary>
    NoiseScale,

    /// <summary>Lower end of its 90% interval.</summary>
    NoiseScaleLow,

    /// <summary>Upper end of its 90% interval.</summary>
    NoiseScaleHigh,

    /// <summary>LOO ratio ρ.</summary>
    LooRatio,

    /// <summary>Transfer gain of the step: half-sum, nats.</summary>
    TransferGain,

    /// <summary>Fresh gain summed since the start of the segment, nats.</summary>
    FreshGain,

    /// <summary>Memorized nats M = train drop − Σ fresh gain.</summary>
    MemorizedNats,

    /// <summary>γ = ½Σ(own_loo + cross)/Σ|own| over the window.</summary>
    TransferRatio,

    /// <summary>Gate-open fraction minus its null.</summary>
    GateExcess,

    /// <summary>The same from the Adam state.</summary>
    GateExcessProxy,

    /// <summary>Largest RMS staleness over layers.</summary>
    RmsStaleness,

    /// <summary>Sharpness by the probe the optimizer's threshold speaks of.</summary>
    Sharpness,

    /// <summary>Sharpness over the optimizer's threshold; 1 = edge of stability.</summary>
    SharpnessRatio,

    /// <summary>Lower end of its 90% interval.</summary>
    SharpnessRatioLow,

    /// <summary>Upper end of its 90% interval.</summary>
    SharpnessRatioHigh,

    /// <summary>Regime by the last ten probes, a <see cref="Estimation.StabilityRegime"/>.</summary>
    StabilityRegime,

    /// <summary>Batch sharpness.</summary>
    BatchSharpness,

    /// <summary>Critical sharpness 2/η_c along the applied update.</summary>
    CriticalSharpness,

    /// <summary>Trace of the Hessian.</summary>
    HessianTrace,

    /// <summary>Exact next-batch gain, nats.</summary>
    NextBatchGain,

    /// <summary>Non-finite gradient elements.</summary>
    NonFinite,

    /// <summary>Mean loss of the random-label canaries at their random labels over the last whole pass, nats.</summary>
    CanaryLoss,

    /// <summary>Mean advantage of their own labels over a random label, nats; 0 while nothing of them is memorized.</summary>
    CanaryAdvantage,

    /// <summary>Evidence that canary labels are memorized: ln of the weighted mean of the passes' e-values, nats.</summary>
    CanaryEvidence,

    /// <summary>Held-out loss as the canaries estimate it: training loss plus what the other examples have gained by training on themselves.</summary>
    CanaryHeldOut,

    /// <summary>Mean loss on withheld examples that were never trained on.</summary>
    SentinelLoss,

    /// <summary>Its standard error.</summary>
    SentinelLossError,

    /// <summary>Mean loss on withheld examples that were trained on before.</summary>
    SentinelSeenLoss,

    /// <summary><see cref="SentinelLoss"/> minus the training loss of the last steps.</summary>
    SentinelGap,

    /// <summary>Mean rise of the fresh sentinels' loss since its lowest evaluation.</summary>
    SentinelRise,
}
