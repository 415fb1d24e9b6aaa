namespace TrainingMonitor.TorchSharp.Tests.Parity;

/// <summary>SplitMix64 (Steele, Lea and Flood 2014), as src/python/tests/server/whole_runs.py has it: the same numbers on both sides.</summary>
internal sealed class SplitMix(ulong seed)
{
    private ulong state = seed;

    /// <summary>In [0, 1).</summary>
    public double Uniform()
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * Math.Pow(2, -53);
    }

    public int Below(int count) => (int)(Uniform() * count);

    public long[] Permutation(int count)
    {
        var order = Enumerable.Range(0, count).Select(i => (long)i).ToArray();
        for (var i = count - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }
}
