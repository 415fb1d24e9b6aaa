namespace TrainingMonitor.Evaluation.Nulls;

/// <summary>Random numbers of the null streams: xoshiro256** (Blackman and Vigna), so that streams are the same on every machine and runtime.</summary>
internal sealed class NullRandom
{
    private ulong s0, s1, s2, s3;
    private double spare = double.NaN;

    public NullRandom(int seed)
    {
        // SplitMix64 fills the state.
        var x = (ulong)seed;
        Span<ulong> state = stackalloc ulong[4];
        for (var i = 0; i < state.Length; i++)
        {
            x += 0x9E3779B97F4A7C15;
            var z = x;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            state[i] = z ^ (z >> 31);
        }

        (s0, s1, s2, s3) = (state[0], state[1], state[2], state[3]);
    }

    /// <summary>Uniform on [0, 1).</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform on 0 … below − 1.</summary>
    public int Below(int below) => (int)(Uniform() * below);

    /// <summary>Standard normal, by the polar method.</summary>
    public double Normal()
    {
        if (!double.IsNaN(spare))
        {
            var kept = spare;
            spare = double.NaN;
            return kept;
        }

        double u, v, s;
        do
        {
            u = (2 * Uniform()) - 1;
            v = (2 * Uniform()) - 1;
            s = (u * u) + (v * v);
        }
        while (s is >= 1 or 0);
        var factor = Math.Sqrt(-2 * Math.Log(s) / s);
        spare = v * factor;
        return u * factor;
    }

    /// <summary>A number of the law.</summary>
    public double Of(NullLaw law) => law switch
    {
        NullLaw.Student3 => Student3(),
        NullLaw.Exponential => -Math.Log(1 - Uniform()) - 1,
        _ => Normal(),
    };

    /// <summary>Puts the ids in random order.</summary>
    public void Shuffle(int[] ids)
    {
        for (var i = ids.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (ids[i], ids[j]) = (ids[j], ids[i]);
        }
    }

    private double Student3()
    {
        double a = Normal(), b = Normal(), c = Normal();
        return Normal() / Math.Sqrt((a * a) + (b * b) + (c * c));
    }

    private ulong Next()
    {
        var result = ulong.RotateLeft(s1 * 5, 7) * 9;
        var t = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= t;
        s3 = ulong.RotateLeft(s3, 45);
        return result;
    }
}
