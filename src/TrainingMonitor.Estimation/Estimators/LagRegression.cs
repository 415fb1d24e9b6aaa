using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Takes the overlap with recent batches out of the cross term: cross_i = c_t + κ z_i over the examples i of one batch. The slope κ is the
/// ratio of averages of the within-batch sums S_cz and S_zz (a fixed effect for every batch, so that a loss that falls while z rises does not
/// pass for overlap); c_t = mean cross_i − κ mean z_i of the batch at hand.</summary>
internal struct LagRegression
{
    /// <summary>Weight a batch keeps: 100 batches long.</summary>
    public const double Decay = 0.99;

    /// <summary>Mean z below which the overlap is too small to matter.</summary>
    public const double Negligible = 0.01;

    /// <summary>Within-batch variance of z an example, below which the slope is not identified (all examples have the same lag).</summary>
    public const double SmallestVariance = 1e-4;

    private Ema covariance;
    private Ema variance;
    private Ema meanOverlap;

    /// <summary>Takes a batch in and gives its c; NaN where the lags cannot tell c from κ.</summary>
    public double Intercept(in LagSums sums)
    {
        if (!(sums.Count > 0) || !Usable.Is(sums.SumCross) || !Usable.Is(sums.SumCrossZ) || !Usable.Is(sums.SumZ) || !Usable.Is(sums.SumZSq))
        {
            return double.NaN;
        }

        double n = sums.Count, cross = sums.SumCross / n, overlap = sums.SumZ / n;
        covariance.Add((sums.SumCrossZ / n) - (cross * overlap), Decay);
        variance.Add(Math.Max(0, (sums.SumZSq / n) - (overlap * overlap)), Decay);
        meanOverlap.Add(overlap, Decay);
        if (variance.Value > SmallestVariance)
        {
            return cross - (covariance.Value / variance.Value * overlap);
        }

        return meanOverlap.Value < Negligible ? cross : double.NaN;
    }

    public readonly void Save(StateWriter writer)
    {
        covariance.Save(writer);
        variance.Save(writer);
        meanOverlap.Save(writer);
    }

    public static LagRegression Load(ref StateReader reader) =>
        new() { covariance = Ema.Load(ref reader), variance = Ema.Load(ref reader), meanOverlap = Ema.Load(ref reader) };
}
