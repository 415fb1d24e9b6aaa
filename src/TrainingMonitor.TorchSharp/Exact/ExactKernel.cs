using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TrainingMonitor.TorchSharp.Statistics;

namespace TrainingMonitor.TorchSharp.Exact;

/// <summary>From Σ_i c_ik² in memory to ΣP·c², the gate's counts, in one read of (g, w, v, squares). P is a scalar, or Adam's from v predicted as the step will leave it.</summary>
internal static unsafe class ExactKernel
{
    private const int Block = 1024;

    /// <summary>Adds [ΣP·s, Σ1(g² &gt; s·open), Σ1(g² &lt; s·total)] of n elements, s the squares.</summary>
    /// <param name="g">Gradient.</param>
    /// <param name="w">Weight.</param>
    /// <param name="v">Second moment before the step; null: P is 1 and left to the caller.</param>
    /// <param name="squares">Σ_i c_ik².</param>
    /// <param name="n">Elements.</param>
    /// <param name="c">Adam's constants; unused without v.</param>
    /// <param name="open">Factor of the gate's bound.</param>
    /// <param name="total">Factor of the bound of a variance that is not zero.</param>
    /// <param name="sums">Three sums.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* g, float* w, float* v, float* squares, int n, in AdamKernel.Constants c, float open, float total, double* sums)
    {
        var width = Vector512<float>.Count;
        var whole = n - (n % width);
        for (var start = 0; start < whole; start += Block)
        {
            Vector512<float> weighted = default, opened = default, all = default;
            var end = Math.Min(start + Block, whole);
            for (var i = start; i < end; i += width)
            {
                Vector512<float> gi = Vector512.Load(g + i), s = Vector512.Load(squares + i), g2 = gi * gi;
                var part = s;
                if (v != null)
                {
                    var d = Vector512.FusedMultiplyAdd(Vector512.Load(w + i), Vector512.Create(c.CoupledDecay), gi);
                    var v1 = Vector512.FusedMultiplyAdd(d * d, Vector512.Create(c.Rest2), Vector512.Load(v + i) * c.Beta2);
                    part = s * Approximate.Reciprocal(Vector512.FusedMultiplyAdd(Approximate.Root(v1), Vector512.Create(c.InverseRoot2), Vector512.Create(c.Epsilon)));
                }

                weighted += part;
                opened += Vector512.ConditionalSelect(Vector512.GreaterThan(g2, s * open), Vector512<float>.One, Vector512<float>.Zero);
                all += Vector512.ConditionalSelect(Vector512.LessThan(g2, s * total), Vector512<float>.One, Vector512<float>.Zero);
            }

            sums[0] += Vector512.Sum(weighted);
            sums[1] += Vector512.Sum(opened);
            sums[2] += Vector512.Sum(all);
        }

        for (var i = whole; i < n; i++)
        {
            var s = squares[i];
            var d = g[i] + (v != null ? w[i] * c.CoupledDecay : 0);
            sums[0] += v == null ? s : s / (MathF.Sqrt(v[i] * c.Beta2 + d * d * c.Rest2) * c.InverseRoot2 + c.Epsilon);
            sums[1] += g[i] * g[i] > s * open ? 1 : 0;
            sums[2] += g[i] * g[i] < s * total ? 1 : 0;
        }
    }
}
