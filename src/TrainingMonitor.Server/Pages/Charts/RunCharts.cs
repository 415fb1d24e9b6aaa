using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Server.Pages.Charts;

/// <summary>The charts of a run, in reading order.</summary>
public static class RunCharts
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ChartDefinition> All { get; } =
    [
        new("loss", "Loss", "as the trainer reports it", "Training loss of each batch. Held-out loss is for the reader only: no detector uses it.",
            [new("loss", "training", 1), new("held_out_loss", "held out, for the reader only", 2, Dashed: true)]),
        new("accuracy", "Accuracy", "share", "Share of examples right. Held-out accuracy is for the reader only: no detector uses it.",
            [new("accuracy", "training", 1), new("held_out_accuracy", "held out, for the reader only", 2, Dashed: true)]),
        new("memorized", "Memorized nats", "nats", Help(RunSeries.MemorizedNats) + " Flat is learning; a steady climb is memorizing. A few tenths in the first steps are the method's own.",
            [new("memorized_nats", "memorized", 3)]),
        new("loo-ratio", "Leave-one-out ratio ρ", "ratio", Help(RunSeries.LooRatio),
            [new("loo_ratio", "ρ", 4)], Reference: 1, ReferenceLabel: "above 1: examples agree"),
        new("noise-scale", "Gradient noise scale", "examples", Help(RunSeries.NoiseScale) + " The band is the 90% interval.",
            [new("noise_scale", "noise scale", 5, Low: "noise_scale_low", High: "noise_scale_high")], Logarithmic: true),
        new("sharpness", "Sharpness over its threshold", "ratio", Help(RunSeries.SharpnessRatio),
            [new("sharpness_ratio", "sharpness / threshold", 6)], Reference: 1, ReferenceLabel: "1: edge of stability"),
        new("update-norm", "Update and gradient norm", "norm", Help(RunSeries.UpdateNorm),
            [new("update_norm", "update", 3), new("grad_norm", "gradient", 1)], Logarithmic: true),
        new("staleness", "RMS staleness", "ratio", Help(RunSeries.RmsStaleness) + " In Adam's first steps it is large and means nothing.",
            [new("rms_staleness", "staleness", 2)], Reference: 2.3, ReferenceLabel: "2.3: a loss spike is near", Logarithmic: true),
        new("sentinels", "Withheld examples", "nats", "Loss on examples that are withheld for a while, at the steps where it is looked at. Where the fresh ones turn up, training has begun to memorize.",
            [new("sentinel_loss", "never trained on", 2), new("sentinel_seen_loss", "trained on before", 5, Dashed: true)], OptIn: true),
        new("canaries", "Random labels", "nats", Help(RunSeries.CanaryAdvantage),
            [new("canary_advantage", "advantage", 3), new("canary_evidence", "evidence", 4), new("canary_held_out", "held-out loss by the canaries", 2, Dashed: true)],
            Reference: 4.6, ReferenceLabel: "evidence of 4.6: known by heart", OptIn: true),
    ];

    /// <summary>Names of all series they draw.</summary>
    public static IReadOnlyList<string> SeriesNames { get; } =
        [.. All.SelectMany(c => c.Lines).SelectMany(l => new[] { l.Series, l.Low, l.High }).Where(n => n.Length > 0).Distinct(StringComparer.Ordinal)];

    /// <summary>The chart that an alert belongs to by its statistic; the first where none draws it.</summary>
    public static ChartDefinition For(string statistic) =>
        All.FirstOrDefault(c => c.Lines.Any(l => string.Equals(l.Series, statistic, StringComparison.Ordinal))) ?? All[0];

    private static string Help(RunSeries series) => SeriesCatalog.Info(series).Description;
}
