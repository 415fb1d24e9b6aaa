namespace TrainingMonitor.TorchSharp.Exact;

/// <summary>Remembers the step at which each example was last in a batch, and gives z_i = β^(L_i − 1) with L_i the steps since then (never: 0; β = 0: 1 at L = 1).</summary>
internal sealed class LagTracker
{
    private readonly Dictionary<long, long> last = [];
    private double[] z = [];

    /// <summary>z of the batch's examples; also remembers them. The array is used again at the next call.</summary>
    public double[] Observe(ReadOnlySpan<long> ids, long step, double momentum)
    {
        if (z.Length != ids.Length)
        {
            z = new double[ids.Length];
        }

        for (var i = 0; i < ids.Length; i++)
        {
            z[i] = last.TryGetValue(ids[i], out var seen) && seen < step ? Math.Pow(momentum, step - seen - 1) : 0;
        }

        foreach (var id in ids)
        {
            last[id] = step;
        }

        return z;
    }
}
