namespace TrainingMonitor.TorchSharp.Probes;

/// <summary>The smallest factor c of an update at which the loss is no longer below that before it: L(w − c·u) = L(w) (arXiv:2601.16979). With
/// f(c) = (L(w − c·u) − L(w))/c, a line in c where the loss is a quadratic, the root comes by the secant through a bracket found by doubling or halving.</summary>
internal static class CriticalRate
{
    private const int MostEvaluations = 12;
    private const double Tolerance = 0.01;

    /// <summary>Finds it.</summary>
    /// <param name="loss">Loss at w − c·u; called with 0 first.</param>
    /// <returns>c, NaN where no end was found or the update does not go down at all; loss evaluations; whether the last two estimates agree to 1%.</returns>
    public static (double Factor, int Evaluations, bool Converged) Find(Func<double, double> loss)
    {
        var start = loss(0);
        double low = double.NaN, atLow = 0, high = double.NaN, atHigh = 0, c = 1;
        for (var evaluations = 2; evaluations <= MostEvaluations; evaluations++)
        {
            var f = (loss(c) - start) / c;
            if (f <= 0)
            {
                (low, atLow) = (c, f);
            }
            else
            {
                (high, atHigh) = (c, f); // NaN and infinity too: past the end
            }

            var next = Next(low, atLow, high, atHigh);
            if (Math.Abs(next - c) <= Tolerance * c && !double.IsNaN(low) && !double.IsNaN(high))
            {
                return (next, evaluations, true);
            }

            c = next;
        }

        return (double.IsNaN(low) || double.IsNaN(high) ? double.NaN : c, MostEvaluations, false);
    }

    private static double Next(double low, double atLow, double high, double atHigh)
    {
        if (double.IsNaN(high))
        {
            return 2 * low;
        }

        if (double.IsNaN(low))
        {
            return high / 2;
        }

        return double.IsFinite(atHigh) ? low - (atLow * (high - low) / (atHigh - atLow)) : (low + high) / 2;
    }
}
