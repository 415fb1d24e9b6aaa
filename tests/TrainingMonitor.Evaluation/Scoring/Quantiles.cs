using System.Globalization;

namespace TrainingMonitor.Evaluation.Scoring;

/// <summary>Quartiles of delays, leads and errors.</summary>
/// <param name="Low">First quartile.</param>
/// <param name="Median">Median.</param>
/// <param name="High">Third quartile.</param>
/// <param name="Count">Values.</param>
internal readonly record struct Quantiles(double Low, double Median, double High, int Count)
{
    /// <summary>Of values; NaN for none.</summary>
    public static Quantiles Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Quantiles(At(sorted, 0.25), At(sorted, 0.5), At(sorted, 0.75), sorted.Length);
    }

    /// <summary>A quantile of sorted values, between neighbours linearly.</summary>
    public static double At(double[] sorted, double share)
    {
        if (sorted.Length == 0)
        {
            return double.NaN;
        }

        var at = share * (sorted.Length - 1);
        var below = (int)at;
        var above = Math.Min(below + 1, sorted.Length - 1);

        // Infinite neighbours (a run without an alarm) would make NaN out of 0·∞.
        return sorted[below].Equals(sorted[above]) || at <= below ? sorted[below] : sorted[below] + ((at - below) * (sorted[above] - sorted[below]));
    }

    /// <inheritdoc/>
    public override string ToString() =>
        Count == 0 ? "–" : string.Create(CultureInfo.InvariantCulture, $"{Median:0.##} [{Low:0.##}, {High:0.##}]");
}
