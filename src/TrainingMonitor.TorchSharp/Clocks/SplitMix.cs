namespace TrainingMonitor.TorchSharp.Clocks;

/// <summary>SplitMix64 (Steele, Lea and Flood 2014): numbers that no other generator of the run repeats, the same on every machine.</summary>
internal struct SplitMix
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong state;

    /// <summary>Starts at a state.</summary>
    public SplitMix(ulong state) => this.state = state;

    /// <summary>The finalizer: a well mixed function of its argument.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A hash of an id under a seed.</summary>
    public static ulong Hash(int seed, long id) => Mix(Mix((ulong)seed + Golden) + ((ulong)id * Golden));

    /// <summary>A number from 0 to <paramref name="below"/> − 1, each equally likely (the product method; its bias is below 2⁻³⁰ here).</summary>
    public long Next(long below) => (long)(ulong)(((UInt128)Mix(state += Golden) * (UInt128)(ulong)below) >> 64);
}
