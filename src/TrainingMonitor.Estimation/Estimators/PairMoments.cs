using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Exponentially weighted first and second moments of a pair (u, s), and those of neighbours in time, for an interval of the ratio of
/// means: weights w_k = (1−d)dᵏ, so a mean of n_eff = (Σw)²/Σw² values ((1+d)/(1−d) when full).</summary>
internal struct PairMoments
{
    private double weight;
    private double weightSq;
    private double u;
    private double s;
    private double uu;
    private double ss;
    private double us;
    private double lagWeight;
    private double uu1;
    private double ss1;
    private double us1;
    private double lastU;
    private double lastS;
    private double count;

    /// <summary>Mean of u; NaN before the first.</summary>
    public readonly double MeanU => weight > 0 ? u / weight : double.NaN;

    /// <summary>Mean of s; NaN before the first.</summary>
    public readonly double MeanS => weight > 0 ? s / weight : double.NaN;

    /// <summary>Values added.</summary>
    public readonly double Count => count;

    /// <summary>Effective number of values in the means.</summary>
    public readonly double EffectiveCount => weight > 0 ? weight * weight / weightSq : 0;

    /// <summary>From sums kept elsewhere.</summary>
    /// <param name="weights">Σw, Σw² and the number of values.</param>
    /// <param name="first">Σwu, Σws.</param>
    /// <param name="second">Σwu², Σws², Σwus.</param>
    /// <param name="lagWeight">Σw of the pairs of neighbours.</param>
    /// <param name="lag">The same sums of neighbours.</param>
    public static PairMoments Of(
        (double Sum, double SumSq, double Count) weights, (double U, double S) first, (double UU, double SS, double US) second, double lagWeight, (double UU, double SS, double US) lag) => new()
        {
            weight = weights.Sum,
            weightSq = weights.SumSq,
            count = weights.Count,
            u = first.U,
            s = first.S,
            uu = second.UU,
            ss = second.SS,
            us = second.US,
            lagWeight = lagWeight,
            uu1 = lag.UU,
            ss1 = lag.SS,
            us1 = lag.US,
        };

    /// <summary>Adds a pair of usable numbers.</summary>
    public void Add(double nextU, double nextS, double decay)
    {
        var fresh = 1 - decay;
        if (count > 0)
        {
            lagWeight = (decay * lagWeight) + fresh;
            uu1 = (decay * uu1) + (fresh * nextU * lastU);
            ss1 = (decay * ss1) + (fresh * nextS * lastS);
            us1 = (decay * us1) + (fresh * 0.5 * ((nextU * lastS) + (nextS * lastU)));
        }

        weight = (decay * weight) + fresh;
        weightSq = (decay * decay * weightSq) + (fresh * fresh);
        u = (decay * u) + (fresh * nextU);
        s = (decay * s) + (fresh * nextS);
        uu = (decay * uu) + (fresh * nextU * nextU);
        ss = (decay * ss) + (fresh * nextS * nextS);
        us = (decay * us) + (fresh * nextU * nextS);
        (lastU, lastS) = (nextU, nextS);
        count++;
    }

    /// <summary>Covariance of the means (u, s), inflated for the autocorrelation of s − (s̄/ū)u, which is what the ratio's error is made of:
    /// (1+r)/(1−r) of a first-order autoregression, r never taken below 0.</summary>
    public readonly (double UU, double US, double SS) CovarianceOfMeans()
    {
        double meanU = MeanU, meanS = MeanS, n = EffectiveCount;
        var unbias = n / (n - 1);
        var cuu = Math.Max(0, ((uu / weight) - (meanU * meanU)) * unbias);
        var css = Math.Max(0, ((ss / weight) - (meanS * meanS)) * unbias);
        var cus = ((us / weight) - (meanU * meanS)) * unbias;
        var scale = Inflation(cuu, cus, css, meanU, meanS) / n;
        return (cuu * scale, cus * scale, css * scale);
    }

    public readonly void Save(StateWriter writer) =>
        writer.Write([weight, weightSq, u, s, uu, ss, us, lagWeight, uu1, ss1, us1, lastU, lastS, count]);

    public void Load(ref StateReader reader)
    {
        Span<double> v = stackalloc double[14];
        reader.Read(v);
        (weight, weightSq, u, s, uu, ss, us) = (v[0], v[1], v[2], v[3], v[4], v[5], v[6]);
        (lagWeight, uu1, ss1, us1, lastU, lastS, count) = (v[7], v[8], v[9], v[10], v[11], v[12], v[13]);
    }

    private readonly double Inflation(double cuu, double cus, double css, double meanU, double meanS)
    {
        // Residual d = a·s − b·u with (a, b) ∝ (ū, s̄): the same direction as s − Ru, without dividing by a ū that may be near zero.
        var length = Math.Sqrt((meanU * meanU) + (meanS * meanS));
        if (length == 0 || lagWeight == 0)
        {
            return 1;
        }

        double a = meanU / length, b = meanS / length;
        var zero = (a * a * css) - (2 * a * b * cus) + (b * b * cuu);
        var luu = (uu1 / lagWeight) - (meanU * meanU);
        var lss = (ss1 / lagWeight) - (meanS * meanS);
        var lus = (us1 / lagWeight) - (meanU * meanS);
        var one = (a * a * lss) - (2 * a * b * lus) + (b * b * luu);
        var r = zero > 0 ? Math.Clamp(one / zero, 0, 0.95) : 0;
        return (1 + r) / (1 - r);
    }
}
