namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>Counts of durations in bins a twentieth of an octave wide, from 10 µs: quantiles are right within 4%. Thread-safe.</summary>
internal sealed class LatencyHistogram
{
    private const int BinsAnOctave = 20;
    private const double Smallest = 0.01;
    private readonly long[] bins = new long[25 * BinsAnOctave];

    public void Add(double milliseconds)
    {
        var bin = milliseconds <= Smallest ? 0 : (int)(Math.Log2(milliseconds / Smallest) * BinsAnOctave);
        Interlocked.Increment(ref bins[Math.Min(bin, bins.Length - 1)]);
    }

    public void Clear() => Array.Clear(bins);

    /// <summary>The duration that this share of all is below, milliseconds; NaN: there is none.</summary>
    public double Quantile(double share)
    {
        var (all, seen) = (bins.Sum(), 0L);
        for (var bin = 0; bin < bins.Length; bin++)
        {
            seen += bins[bin];
            if (all > 0 && seen >= share * all)
            {
                return Smallest * Math.Pow(2, (bin + 0.5) / BinsAnOctave);
            }
        }

        return double.NaN;
    }
}
