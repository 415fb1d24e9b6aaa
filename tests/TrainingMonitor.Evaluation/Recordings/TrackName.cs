using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Evaluation.Recordings;

/// <summary>Names of the tracks of a recording.</summary>
internal static class TrackName
{
    /// <summary>Examples of the batch.</summary>
    public const string BatchSize = "batch_size";

    /// <summary>Units M.</summary>
    public const string UnitCount = "unit_count";

    /// <summary><see cref="StepFlags"/>.</summary>
    public const string Flags = "flags";

    /// <summary><see cref="StepInput.NonFiniteValues"/>; absent where all are finite.</summary>
    public const string NonFiniteValues = "nonfinite_values";

    /// <summary>The sums of the regression on the lag.</summary>
    public static readonly string[] Lag = ["lag_count", "lag_cross", "lag_z", "lag_cross_z", "lag_z_sq", "lag_cross_sq"];

    /// <summary>Canaries: choices, canaries, pass, sums of loss, advantage, its square and pull, others and their pull, training examples and their loss, then the bins of the ranks.</summary>
    public static readonly string[] Canaries =
    [
        "canary_choices", "canary_count", "canary_pass", "canary_loss", "canary_advantage", "canary_advantage_sq", "canary_pull", "canary_others", "canary_others_pull",
        "canary_train_count", "canary_train_loss",
        .. Enumerable.Range(0, CanarySums.MostBins).Select(i => $"canary_rank_{i}"),
    ];

    /// <summary>Sentinels: fresh, seen, unseen epochs, reference, rise.</summary>
    public static readonly string[] Sentinels =
    [
        "sentinel_fresh_count", "sentinel_fresh_sum", "sentinel_fresh_sq", "sentinel_seen_count", "sentinel_seen_sum", "sentinel_seen_sq", "sentinel_unseen",
        "sentinel_reference", "sentinel_rise_count", "sentinel_rise_sum", "sentinel_rise_sq",
    ];

    /// <summary>A value of the step.</summary>
    public static string Of(StepValue value) => $"value/{value}";

    /// <summary>A statistic of a layer.</summary>
    public static string Of(LayerStatistic statistic, int layer) => $"layer/{statistic}/{layer}";
}
