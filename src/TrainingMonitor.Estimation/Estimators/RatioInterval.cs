namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Fieller's interval of a ratio of means s̄/ū with s̄ > 0 (E. C. Fieller, 1954): all R with (s̄ − R ū)² ≤ t² Var(s̄ − R ū). Where ū cannot
/// be told from zero the upper end is +∞, which is the honest answer for a noise scale.</summary>
internal static class RatioInterval
{
    /// <summary>Standard normal quantile of 95%: a two-sided interval of 90%.</summary>
    private const double Normal95 = 1.6448536269514722;

    /// <summary>The 90% interval; (NaN, NaN) with fewer than 8 values.</summary>
    public static (double Low, double High) Of(PairMoments moments)
    {
        if (moments.Count < 8)
        {
            return (double.NaN, double.NaN);
        }

        var (uu, us, ss) = moments.CovarianceOfMeans();
        double u = moments.MeanU, s = moments.MeanS;

        // Student's quantile for n − 1 degrees of freedom, first two terms of the Cornish–Fisher expansion.
        double z = Normal95, z2 = z * z, freedom = moments.EffectiveCount - 1;
        var t = z + (z * (z2 + 1) / (4 * freedom)) + (z * ((5 * z2 * z2) + (16 * z2) + 3) / (96 * freedom * freedom));
        var t2 = t * t;
        var a = (u * u) - (t2 * uu);
        var b = (s * u) - (t2 * us);
        var c = (s * s) - (t2 * ss);
        if (c <= 0)
        {
            // Not even the noise can be told from zero.
            return (0, double.PositiveInfinity);
        }

        var root = Math.Sqrt(Math.Max(0, (b * b) - (a * c)));
        if (a > 0 && u > 0)
        {
            return (Math.Max(0, (b - root) / a), (b + root) / a);
        }

        // c > 0 ≥ a: one positive root, everything above it is in the set. (a > 0 with ū < 0: the ratio is negative, no finite scale fits.)
        var denominator = b + root;
        return (denominator > 0 ? c / denominator : double.PositiveInfinity, double.PositiveInfinity);
    }
}
