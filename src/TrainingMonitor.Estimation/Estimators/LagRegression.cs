using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Takes the overlap with recent batches out of the cross term: cross_i = c_t + κ_t z_i over the examples i of one batch. The slope comes from the
/// within-batch sums (a fixed effect for every batch, so that a loss that falls while z rises does not pass for overlap) and follows the scale of
/// cross: κ_t = r_t · avg(S_cz/r)/avg(S_zz), r_t the root mean square of cross_i, else batches of a higher loss would set the slope long after it fell.
/// c_t = mean cross_i − κ_t mean z_i of the batch at hand.</summary>
internal struct LagRegression
{
    /// <summary>Weight a batch keeps: 100 batches long.</summary>
    public const double Decay = 0.99;

    /// <summary>Mean z below which the overlap is too small to matter.</summary>
    public const double Negligible = 0.01;

    /// <summary>Batches behind the averages.</summary>
    public const double Memory = 100;

    /// <summary>Largest standard error of the correction κ·mean z, in units of the root mean square of cross_i; above it c and κ cannot be told apart.</summary>
    public const double LargestError = 0.1;

    private Ema covariance;
    private Ema variance;
    private Ema meanOverlap;
    private double batches;

    /// <summary>Takes a batch in and gives its c; NaN where the lags cannot tell c from κ.</summary>
    public double Intercept(in LagSums sums)
    {
        if (!(sums.Count > 0) || !Usable.Is(sums.SumCross) || !Usable.Is(sums.SumCrossZ) || !Usable.Is(sums.SumZ) || !Usable.Is(sums.SumZSq) || !Usable.Is(sums.SumCrossSq))
        {
            return double.NaN;
        }

        double n = sums.Count, cross = sums.SumCross / n, overlap = sums.SumZ / n;
        var scale = Math.Sqrt(Math.Max(sums.SumCrossSq / n, cross * cross));
        covariance.Add(scale > 0 ? ((sums.SumCrossZ / n) - (cross * overlap)) / scale : 0, Decay);
        variance.Add(Math.Max(0, (sums.SumZSq / n) - (overlap * overlap)), Decay);
        meanOverlap.Add(overlap, Decay);
        batches = Math.Min(batches + 1, Memory);
        if (Identified(n * batches))
        {
            return cross - (scale * covariance.Value / variance.Value * overlap);
        }

        return meanOverlap.Value < Negligible ? cross : double.NaN;
    }

    public readonly void Save(StateWriter writer)
    {
        writer.Write(batches);
        covariance.Save(writer);
        variance.Save(writer);
        meanOverlap.Save(writer);
    }

    public static LagRegression Load(ref StateReader reader) =>
        new() { batches = reader.ReadDouble(), covariance = Ema.Load(ref reader), variance = Ema.Load(ref reader), meanOverlap = Ema.Load(ref reader) };

    // The error of κ·mean z is r·mean z/(sd z·√N) with N examples; equal lags differ by rounding only.
    private readonly bool Identified(double examples) =>
        variance.Value > 1e-12 && meanOverlap.Value * meanOverlap.Value < LargestError * LargestError * variance.Value * examples;
}
