using System.Runtime.InteropServices;

namespace TrainingMonitor.TorchSharp.Exact;

/// <summary>Remembers the step at which each example was last in a batch, and gives z_i = β^(L_i − 1) with L_i the steps since then (never: 0; β = 0: 1 at L = 1).
/// An example whose z would be below 1e-10 counts as never seen and is forgotten, so that the memory holds the examples of the last ln(1e-10)/ln β steps,
/// at most twice over, however large the data set or endless the stream.</summary>
/// <param name="momentum">β now. A β that grows later finds what the largest so far, or 0.95, has kept.</param>
internal sealed class LagTracker(Func<double> momentum)
{
    private const double Negligible = 1e-10, LeastMomentum = 0.95;
    private const int LeastEntries = 1024;
    private Dictionary<long, long> last = [];
    private double[] z = [];
    private double largest = LeastMomentum;
    private int full = LeastEntries;

    /// <summary>Examples remembered.</summary>
    public int Count => last.Count;

    /// <summary>Takes over what another remembers, which is not to be used any more.</summary>
    public void Follow(LagTracker before) => (last, largest, full) = (before.last, before.largest, before.full);

    /// <summary>z of the batch's examples. The array is used again at the next call.</summary>
    public double[] Lags(ReadOnlySpan<long> ids, long step)
    {
        if (z.Length != ids.Length)
        {
            z = new double[ids.Length];
        }

        var beta = momentum();
        for (var i = 0; i < ids.Length; i++)
        {
            z[i] = last.TryGetValue(ids[i], out var seen) && seen < step ? Math.Pow(beta, step - seen - 1) : 0;
        }

        return z;
    }

    /// <summary>Remembers the batch's examples; after <see cref="Lags"/> of the same step.</summary>
    public void Remember(ReadOnlySpan<long> ids, long step)
    {
        foreach (var id in ids)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(last, id, out _) = step;
        }

        if (last.Count > full)
        {
            Forget(step);
        }
    }

    // As many entries are added before this runs again as are left: it costs a constant an entry.
    private void Forget(long step)
    {
        largest = Math.Max(largest, momentum());
        var horizon = largest < 1 ? Math.Log(Negligible) / Math.Log(largest) : double.PositiveInfinity;
        foreach (var (id, seen) in last)
        {
            if (step - seen > horizon)
            {
                last.Remove(id); // allowed while enumerating
            }
        }

        full = Math.Max(LeastEntries, 2 * last.Count);
    }
}
