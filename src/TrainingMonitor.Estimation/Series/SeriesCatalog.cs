namespace TrainingMonitor.Estimation.Series;

/// <summary>Every series the monitor makes, by name.</summary>
public static class SeriesCatalog
{
    private static readonly SeriesInfo[] RunInfos = new SeriesInfo[Enum.GetValues<RunSeries>().Length];
    private static readonly SeriesInfo[] LayerInfos = new SeriesInfo[Enum.GetValues<LayerSeries>().Length];
    private static readonly Dictionary<string, RunSeries> RunByName = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, LayerSeries> LayerByName = new(StringComparer.Ordinal);

    static SeriesCatalog()
    {
        Add(RunSeries.Loss, "loss", "nats", "Training loss of the batch, as the trainer reports it.");
        Add(RunSeries.LearningRate, "learning_rate", "1", "Learning rate of the first parameter group.");
        Add(RunSeries.Accuracy, "accuracy", "1", "Training accuracy of the batch.");
        Add(RunSeries.HeldOutLoss, "held_out_loss", "nats", "Held-out loss, for the reader only: no detector uses it.");
        Add(RunSeries.HeldOutAccuracy, "held_out_accuracy", "1", "Held-out accuracy, for the reader only: no detector uses it.");
        Add(RunSeries.Tokens, "tokens", "tokens", "Tokens of the step, all ranks.");
        Add(RunSeries.StepSeconds, "step_seconds", "s", "Wall time of the step.");
        Add(RunSeries.MonitorSeconds, "monitor_seconds", "s", "Wall time the monitor cost in the step.");
        Add(RunSeries.Epoch, "epoch", "epochs", "Fractional epoch.");
        Add(RunSeries.Samples, "samples", "examples", "Examples seen since the start of the attempt.");
        Add(RunSeries.ZeroGradExamples, "zero_grad_examples", "examples", "Examples whose gradient is exactly zero (softmax collapse).");
        Add(RunSeries.ClipCoefficient, "clip_coefficient", "1", "Factor that gradient clipping applied; 1 is no clipping.");
        Add(RunSeries.GradNorm, "grad_norm", "1", "Norm of the batch gradient the optimizer sees.");
        Add(RunSeries.WeightNorm, "weight_norm", "1", "Norm of the weights before the step.");
        Add(RunSeries.UpdateNorm, "update_norm", "1", "Norm of the applied update; it doubles before many loss spikes.");
        Add(RunSeries.UpdateRatio, "update_ratio", "1", "Update norm over weight norm.");
        Add(RunSeries.SignalSq, "signal_sq", "1", "Squared norm of the true gradient, unbiased; may dip below zero in noise.");
        Add(RunSeries.TraceSigma, "trace_sigma", "1", "Trace of the per-example gradient covariance, unbiased.");
        Add(RunSeries.NoiseScale, "noise_scale", "examples", "Gradient noise scale: batches far below it are noise, far above it are waste.");
        Add(RunSeries.NoiseScaleLow, "noise_scale_low", "examples", "Lower end of the 90% interval of the noise scale.");
        Add(RunSeries.NoiseScaleHigh, "noise_scale_high", "examples", "Upper end of the 90% interval of the noise scale.");
        Add(RunSeries.LooRatio, "loo_ratio", "1", "Do examples agree? Above 1 their gradients align; climbing after memorization is grokking on its way.");
        Add(RunSeries.TransferGain, "transfer_gain", "nats", "What the step gained on the next batch (half-sum).");
        Add(RunSeries.FreshGain, "fresh_gain", "nats", "Gain on examples not in recent batches, summed over the segment.");
        Add(RunSeries.MemorizedNats, "memorized_nats", "nats", "Training loss that fell without helping other examples, summed over the segment.");
        Add(RunSeries.TransferRatio, "transfer_ratio", "1", "Transfer gain over own gain in the window; its level alone does not separate runs.");
        Add(RunSeries.GateExcess, "gate_excess", "1", "Share of coordinates whose mean beats their noise, above what pure noise gives.");
        Add(RunSeries.GateExcessProxy, "gate_excess_proxy", "1", "The same from the Adam state: a proxy.");
        Add(RunSeries.RmsStaleness, "rms_staleness", "1", "Largest over layers of sqrt(mean(g^2/v)); above 2.3 warns of a loss spike.");
        Add(RunSeries.Sharpness, "sharpness", "1", "Largest Hessian eigenvalue, preconditioned where the optimizer is.");
        Add(RunSeries.SharpnessRatio, "sharpness_ratio", "1", "Sharpness over the optimizer's stability threshold; 1 is the edge of stability.");
        Add(RunSeries.SharpnessRatioLow, "sharpness_ratio_low", "1", "Lower end of the 90% interval of the ratio.");
        Add(RunSeries.SharpnessRatioHigh, "sharpness_ratio_high", "1", "Upper end of the 90% interval of the ratio.");
        Add(RunSeries.StabilityRegime, "stability_regime", "1", "1 stable, 2 progressive sharpening, 3 between the plateaus of momentum SGD, 4 at the edge of stability, 5 beyond it; 0 unknown.");
        Add(RunSeries.BatchSharpness, "batch_sharpness", "1", "Curvature of the batch loss along its own gradient.");
        Add(RunSeries.CriticalSharpness, "critical_sharpness", "1", "2 over the smallest learning rate at which the applied update would raise the loss.");
        Add(RunSeries.HessianTrace, "hessian_trace", "1", "Trace of the Hessian of the training loss.");
        Add(RunSeries.NextBatchGain, "next_batch_gain", "nats", "Exact loss of the next batch before minus after the step.");
        Add(RunSeries.NonFinite, "non_finite", "elements", "Gradient elements that are NaN or infinite.");
        Add(RunSeries.CanaryLoss, "canary_loss", "nats", "Loss of the random-label canaries at their random labels, over the last pass.");
        Add(RunSeries.CanaryAdvantage, "canary_advantage", "nats", "How much lower a canary's loss is at its own random label than at any label on average; 0 until it is memorized.");
        Add(RunSeries.CanaryEvidence, "canary_evidence", "nats", "Evidence that random labels are memorized; 4.6 is an alarm.");
        Add(RunSeries.CanaryHeldOut, "canary_held_out", "nats", "Held-out loss as the canaries estimate it, without held-out data: where it turns matters, not its level.");
        Add(RunSeries.SentinelLoss, "sentinel_loss", "nats", "Loss on withheld examples that were never trained on.");
        Add(RunSeries.SentinelLossError, "sentinel_loss_error", "nats", "Standard error of the sentinel loss.");
        Add(RunSeries.SentinelSeenLoss, "sentinel_seen_loss", "nats", "Loss on withheld examples that were trained on before; it lies between training and held-out loss.");
        Add(RunSeries.SentinelGap, "sentinel_gap", "nats", "Sentinel loss minus training loss.");
        Add(RunSeries.SentinelRise, "sentinel_rise", "nats", "Rise of the sentinel loss since its lowest evaluation, on the same examples.");
        Add(LayerSeries.GradNorm, "grad_norm", "1", "Norm of the layer's gradient.");
        Add(LayerSeries.WeightNorm, "weight_norm", "1", "Norm of the layer's weights.");
        Add(LayerSeries.UpdateNorm, "update_norm", "1", "Norm of the layer's update.");
        Add(LayerSeries.UpdateRatio, "update_ratio", "1", "Update norm over weight norm; near 1e-3 is common.");
        Add(LayerSeries.SignalSq, "signal_sq", "1", "Squared norm of the layer's true gradient, unbiased.");
        Add(LayerSeries.TraceSigma, "trace_sigma", "1", "Trace of the layer's per-example gradient covariance, unbiased.");
        Add(LayerSeries.NoiseScale, "noise_scale", "examples", "Gradient noise scale of the layer.");
        Add(LayerSeries.NoiseScaleLow, "noise_scale_low", "examples", "Lower end of the 90% interval of the layer's noise scale.");
        Add(LayerSeries.NoiseScaleHigh, "noise_scale_high", "examples", "Upper end of the 90% interval of the layer's noise scale.");
        Add(LayerSeries.LooRatio, "loo_ratio", "1", "LOO ratio of the layer.");
        Add(LayerSeries.SignalShare, "signal_share", "1", "Share of the layer's own gain that also helps other examples: signal channel near 1, reservoir near 0.");
        Add(LayerSeries.GateExcess, "gate_excess", "1", "Share of coordinates above their noise, above what pure noise gives.");
        Add(LayerSeries.GateExcessProxy, "gate_excess_proxy", "1", "The same from the Adam state: a proxy.");
        Add(LayerSeries.RmsStaleness, "rms_staleness", "1", "sqrt(mean(g^2/v)) of the layer.");
        Add(LayerSeries.MomentumNorm, "momentum_norm", "1", "Norm of the optimizer's first moment.");
        Add(LayerSeries.NonFinite, "non_finite", "elements", "Gradient elements of the layer that are NaN or infinite.");
    }

    /// <summary>Number of run-level series.</summary>
    public static int RunCount => RunInfos.Length;

    /// <summary>Number of layer series.</summary>
    public static int LayerCount => LayerInfos.Length;

    /// <summary>Name, unit and meaning.</summary>
    public static SeriesInfo Info(RunSeries series) => RunInfos[(int)series];

    /// <summary>Name, unit and meaning.</summary>
    public static SeriesInfo Info(LayerSeries series) => LayerInfos[(int)series];

    /// <summary>The run-level series of that name.</summary>
    public static bool TryGetRun(string name, out RunSeries series) => RunByName.TryGetValue(name, out series);

    /// <summary>The layer series of that name.</summary>
    public static bool TryGetLayer(string name, out LayerSeries series) => LayerByName.TryGetValue(name, out series);

    private static void Add(RunSeries series, string name, string unit, string description)
    {
        RunInfos[(int)series] = new SeriesInfo(name, unit, description);
        RunByName.Add(name, series);
    }

    private static void Add(LayerSeries series, string name, string unit, string description)
    {
        LayerInfos[(int)series] = new SeriesInfo(name, unit, description);
        LayerByName.Add(name, series);
    }
}
