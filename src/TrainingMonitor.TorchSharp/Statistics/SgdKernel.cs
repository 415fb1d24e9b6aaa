using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TrainingMonitor.TorchSharp.Optimizers;

namespace TrainingMonitor.TorchSharp.Statistics;

/// <summary>All sums of an SGD parameter (plain, heavy-ball, Nesterov) in one read of (g, w, buffer, saved update), before the step.</summary>
internal static unsafe class SgdKernel
{
    private const int Block = 1024;

    /// <summary>The rule's constants in float: m' = Keep·m + Rest·d, u = Direct·d + Buffered·m'.</summary>
    internal readonly struct Constants(in UpdateRule rule, in UpdateRule previous)
    {
        public readonly float CoupledDecay = (float)rule.CoupledDecay;
        public readonly float Keep = rule.PriorSteps > 0 ? (float)rule.Beta1 : 0;
        public readonly float Rest = rule.PriorSteps > 0 ? (float)(1 - rule.Dampening) : 1;
        public readonly float Direct = rule.Kind == RuleKind.HeavyBall ? 0 : (float)rule.LearningRate;

        public readonly float Buffered = rule.Kind switch
        {
            RuleKind.HeavyBall => (float)rule.LearningRate,
            RuleKind.Nesterov => (float)(rule.LearningRate * rule.Beta1),
            _ => 0,
        };

        public readonly float PriorRate = (float)previous.LearningRate;
    }

    /// <summary>Adds the sums of n elements.</summary>
    /// <param name="g">Gradient.</param>
    /// <param name="w">Weight.</param>
    /// <param name="m">Momentum buffer; null: none (read as zero).</param>
    /// <param name="previous">u_{t−1}, or for heavy-ball the buffer again with <paramref name="previousIsBuffer"/>; null: not wanted.</param>
    /// <param name="previousIsBuffer">u_{t−1} = η_{t−1}·previous.</param>
    /// <param name="save">Where u_t goes; may be <paramref name="previous"/>; null: nowhere.</param>
    /// <param name="n">Elements.</param>
    /// <param name="c">Constants.</param>
    /// <param name="sums">Indexed by <see cref="Sum"/>; the gain is a scalar and left to the caller.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* g, float* w, float* m, float* previous, bool previousIsBuffer, float* save, int n, in Constants c, double* sums)
    {
        var width = Vector512<float>.Count;
        var whole = n - (n % width);
        var scale = previousIsBuffer ? c.PriorRate : 1;
        for (var start = 0; start < whole; start += Block)
        {
            Vector512<float> gg = default, gu = default, gp = default, gw = default, ww = default, uu = default, mm = default;
            var end = Math.Min(start + Block, whole);
            for (var i = start; i < end; i += width)
            {
                var gi = Vector512.Load(g + i);
                var wi = Vector512.Load(w + i);
                var d = Vector512.FusedMultiplyAdd(wi, Vector512.Create(c.CoupledDecay), gi);
                var m1 = d * c.Rest;
                if (m != null)
                {
                    m1 = Vector512.FusedMultiplyAdd(Vector512.Load(m + i), Vector512.Create(c.Keep), m1);
                }

                var u = Vector512.FusedMultiplyAdd(m1, Vector512.Create(c.Buffered), d * c.Direct);
                gg = Vector512.FusedMultiplyAdd(gi, gi, gg);
                gu = Vector512.FusedMultiplyAdd(gi, u, gu);
                gw = Vector512.FusedMultiplyAdd(gi, wi, gw);
                ww = Vector512.FusedMultiplyAdd(wi, wi, ww);
                uu = Vector512.FusedMultiplyAdd(u, u, uu);
                mm = Vector512.FusedMultiplyAdd(m1, m1, mm);
                if (previous != null)
                {
                    gp = Vector512.FusedMultiplyAdd(gi, Vector512.Load(previous + i) * scale, gp);
                }

                if (save != null)
                {
                    u.Store(save + i);
                }
            }

            sums[(int)Sum.GradSq] += Vector512.Sum(gg);
            sums[(int)Sum.GradUpdate] += Vector512.Sum(gu);
            sums[(int)Sum.GradPrevious] += Vector512.Sum(gp);
            sums[(int)Sum.GradWeight] += Vector512.Sum(gw);
            sums[(int)Sum.WeightSq] += Vector512.Sum(ww);
            sums[(int)Sum.UpdateSq] += Vector512.Sum(uu);
            sums[(int)Sum.FirstSq] += Vector512.Sum(mm);
        }

        for (var i = whole; i < n; i++)
        {
            var d = g[i] + c.CoupledDecay * w[i];
            var m1 = d * c.Rest + (m != null ? m[i] * c.Keep : 0);
            var u = d * c.Direct + m1 * c.Buffered;
            sums[(int)Sum.GradSq] += (double)g[i] * g[i];
            sums[(int)Sum.GradUpdate] += (double)g[i] * u;
            sums[(int)Sum.GradPrevious] += previous != null ? (double)g[i] * previous[i] * scale : 0;
            sums[(int)Sum.GradWeight] += (double)g[i] * w[i];
            sums[(int)Sum.WeightSq] += (double)w[i] * w[i];
            sums[(int)Sum.UpdateSq] += (double)u * u;
            sums[(int)Sum.FirstSq] += (double)m1 * m1;
            if (save != null)
            {
                save[i] = u;
            }
        }
    }
}
