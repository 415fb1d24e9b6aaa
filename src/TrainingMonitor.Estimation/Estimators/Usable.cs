namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Which numbers may enter a state: finite ones whose square is finite too. One NaN in an average would stay there for ever.</summary>
internal static class Usable
{
    /// <summary>Largest magnitude.</summary>
    public const double Limit = 1e150;

    /// <summary>False for NaN, infinities and magnitudes whose square would overflow.</summary>
    public static bool Is(double value) => Math.Abs(value) < Limit;
}
