namespace TrainingMonitor.Evaluation.Instability;

/// <summary>z-scores against an exponential mean and variance, as ZClip takes them of gradient norms (Kumar et al., arXiv:2504.02507: weight 0.97, alarm above 2.5),
/// and as a threshold on the loss takes them (Wortsman et al., arXiv:2304.13013: 3.2 deviations).</summary>
internal static class NormBaseline
{
    /// <summary>z of the gradient norm from which ZClip clips.</summary>
    public const double ZClip = 2.5;

    /// <summary>z of the loss that is a spike.</summary>
    public const double LossDeviations = 3.2;

    private const double Kept = 0.97;
    private const int WarmUp = 25;

    /// <summary>z of every value against those before it; 0 while warming up, infinite where the value is not finite.</summary>
    public static double[] Scores(IReadOnlyList<double> values)
    {
        var scores = new double[values.Count];
        double mean = 0, variance = 0;
        for (var t = 0; t < values.Count; t++)
        {
            if (!double.IsFinite(values[t]))
            {
                scores[t] = double.PositiveInfinity;
                continue;
            }

            var off = values[t] - mean;
            scores[t] = t < WarmUp || variance <= 0 ? 0 : off / Math.Sqrt(variance);
            var weight = Math.Max(1 - Kept, 1.0 / (t + 1));
            mean += weight * off;
            variance = (1 - weight) * (variance + (weight * off * off));
        }

        return scores;
    }
}
