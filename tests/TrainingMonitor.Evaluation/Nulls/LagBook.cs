using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Evaluation.Nulls;

/// <summary>When each example was last seen, and the sums of the regression on the lag: z_i = β^(L_i − 1), as a trainer sends them.</summary>
internal sealed class LagBook(int examples, double momentum)
{
    private readonly int[] last = Filled(examples);
    private double count, cross, z, crossZ, zSq, crossSq;

    /// <summary>Starts a batch.</summary>
    public void Begin() => (count, cross, z, crossZ, zSq, crossSq) = (0, 0, 0, 0, 0, 0);

    /// <summary>An example of it and its cross term.</summary>
    public void Add(int id, int step, double crossTerm)
    {
        var lag = last[id] < 0 ? int.MaxValue : step - last[id];
        var overlap = lag is <= 0 or > 400 ? 0 : Math.Pow(momentum, lag - 1);
        count++;
        cross += crossTerm;
        z += overlap;
        crossZ += crossTerm * overlap;
        zSq += overlap * overlap;
        crossSq += crossTerm * crossTerm;
    }

    /// <summary>Ends it.</summary>
    public void End(ReadOnlySpan<int> ids, int step)
    {
        foreach (var id in ids)
        {
            last[id] = step;
        }
    }

    /// <summary>The sums.</summary>
    public LagSums Sums => new(count, cross, z, crossZ, zSq, crossSq);

    private static int[] Filled(int examples)
    {
        var none = new int[examples];
        Array.Fill(none, -1);
        return none;
    }
}
