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

    /// <summary>A value of the step.</summary>
    public static string Of(StepValue value) => $"value/{value}";

    /// <summary>A statistic of a layer.</summary>
    public static string Of(LayerStatistic statistic, int layer) => $"layer/{statistic}/{layer}";
}
