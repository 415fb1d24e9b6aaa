using TrainingMonitor.Estimation.State;

namespace TrainingMonitor.Estimation.Estimators.Clocks;

/// <summary>Evidence that the labels of canaries are memorized. While the network's outputs tell nothing of labels that were drawn uniformly from K choices, the rank of each label's loss is
/// uniform and the ranks of different canaries are independent, whatever the network, the data and the optimizer. So for one pass E, the product of q_θ(bin)/p(bin), q_θ ∝ p·exp(−θ·bin/(B − 1)),
/// averaged over a few θ, has mean 1. Passes look at the same labels again and are anything but independent; their mean with weights 1/(j(j + 1)), which sum to 1, still has mean at most 1 and
/// only grows. By Markov's inequality it ever reaches 1/α with a probability of at most α, over the whole run, however long.</summary>
/// <remarks>Exposure of random canaries: Carlini et al. 2019 (arXiv:1802.08232). Weighted means of dependent e-values: Vovk and Wang 2021 (arXiv:1912.06116).</remarks>
internal struct CanaryEvidence
{
    // From a slight lean to labels that all stand first.
    private static readonly double[] Tilts = [1, 2, 4, 8];

    private double log;
    private long passes;

    /// <summary>Passes so far.</summary>
    public readonly long Passes => passes;

    /// <summary>ln of the weighted mean of the passes' e-values, nats; −∞ before the first.</summary>
    public readonly double LogValue => passes > 0 ? log : double.NegativeInfinity;

    /// <summary>Adds a whole pass.</summary>
    /// <param name="counts">Canaries by bin of rank, lowest loss first.</param>
    /// <param name="choices">K.</param>
    public void Add(ReadOnlySpan<long> counts, int choices)
    {
        passes++;
        var term = LogOfPass(counts, choices) - Math.Log((double)passes * (passes + 1));
        log = passes == 1 ? term : LogSum(log, term);
    }

    /// <summary>ln E of one pass.</summary>
    public static double LogOfPass(ReadOnlySpan<long> counts, int choices)
    {
        var sum = double.NegativeInfinity;
        foreach (var tilt in Tilts)
        {
            sum = LogSum(sum, LogRatio(counts, choices, tilt));
        }

        return sum - Math.Log(Tilts.Length);
    }

    public readonly void Save(StateWriter writer)
    {
        writer.Write(log);
        writer.Write(passes);
    }

    public static CanaryEvidence Load(ref StateReader reader) => new() { log = reader.ReadDouble(), passes = reader.ReadInt64() };

    private static double LogRatio(ReadOnlySpan<long> counts, int choices, double tilt)
    {
        double exponent = 0, norm = 0;
        var bins = counts.Length;
        for (var bin = 0; bin < bins; bin++)
        {
            var lean = tilt * bin / (bins - 1);

            // Ranks r with floor(r·B/K) = bin.
            var ranks = Ceiling((bin + 1L) * choices, bins) - Ceiling((long)bin * choices, bins);
            norm += (double)ranks / choices * Math.Exp(-lean);
            exponent -= counts[bin] * lean;
        }

        var count = 0L;
        foreach (var of in counts)
        {
            count += of;
        }

        return exponent - (count * Math.Log(norm));
    }

    private static long Ceiling(long a, long b) => (a + b - 1) / b;

    private static double LogSum(double a, double b)
    {
        var (large, small) = a >= b ? (a, b) : (b, a);
        return double.IsNegativeInfinity(large) ? large : large + Math.Log(1 + Math.Exp(small - large));
    }
}
