using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TrainingMonitor.TorchSharp.Optimizers;

namespace TrainingMonitor.TorchSharp.Statistics;

/// <summary>All sums of an Adam or AdamW parameter in one read of (g, w, m, v), before the step: moments, update, gain and the previous update follow
/// from them by <see cref="UpdateRule"/>. Float arithmetic, sums of 1024 elements at a time widened to double.</summary>
internal static unsafe class AdamKernel
{
    private const int Block = 1024;

    /// <summary>The rule's constants in float.</summary>
    internal readonly struct Constants(in UpdateRule rule, in UpdateRule previous)
    {
        public readonly float CoupledDecay = (float)rule.CoupledDecay;
        public readonly float Decay = (float)rule.DecoupledDecay;
        public readonly float Beta1 = (float)rule.Beta1, Rest1 = (float)(1 - rule.Beta1);
        public readonly float Beta2 = (float)rule.Beta2, Rest2 = (float)(1 - rule.Beta2);
        public readonly float Epsilon = (float)rule.Epsilon;
        public readonly float InverseRoot2 = (float)(1 / rule.RootCorrection2(rule.PriorSteps + 1));
        public readonly float Step = (float)(rule.LearningRate / rule.Correction1(rule.PriorSteps + 1));

        // m̂² > v̂ − m̂² with the corrections brought to one side: m'²·Gate > v'.
        public readonly float Gate = (float)(2 * (1 - Math.Pow(rule.Beta2, rule.PriorSteps + 1)) / Math.Pow(rule.Correction1(rule.PriorSteps + 1), 2));

        public readonly float PriorInverseRoot2 = (float)(1 / rule.RootCorrection2(rule.PriorSteps));
        public readonly float PriorStep = (float)(previous.LearningRate / rule.Correction1(rule.PriorSteps) / (1 - previous.DecoupledDecay));
        public readonly float PriorDecay = (float)(previous.DecoupledDecay / (1 - previous.DecoupledDecay));
    }

    /// <summary>Adds the sums of n elements to <paramref name="sums"/> (indexed by <see cref="Sum"/>).</summary>
    public static void Run(float* g, float* w, float* m, float* v, int n, in Constants c, bool prior, double* sums)
    {
        if (prior)
        {
            Run<With>(g, w, m, v, n, c, sums);
        }
        else
        {
            Run<Without>(g, w, m, v, n, c, sums);
        }
    }

    /// <summary>u_{t−1} of n elements, from the state that step left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Previous(float* w, float* m, float* v, float* u, int n, in Constants c)
    {
        var width = Vector512<float>.Count;
        var i = 0;
        for (; i <= n - width; i += width)
        {
            var root = Vector512.FusedMultiplyAdd(Approximate.Root(Vector512.Load(v + i)), Vector512.Create(c.PriorInverseRoot2), Vector512.Create(c.Epsilon));
            Vector512.FusedMultiplyAdd(Vector512.Load(m + i) * c.PriorStep, Approximate.Reciprocal(root), Vector512.Load(w + i) * c.PriorDecay).Store(u + i);
        }

        for (; i < n; i++)
        {
            u[i] = (m[i] * c.PriorStep / ((MathF.Sqrt(v[i]) * c.PriorInverseRoot2) + c.Epsilon)) + (w[i] * c.PriorDecay);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TPrior>(float* g, float* w, float* m, float* v, int n, in Constants c, double* sums)
        where TPrior : struct
    {
        var width = Vector512<float>.Count;
        var whole = n - (n % width);
        for (var start = 0; start < whole; start += Block)
        {
            Vector512<float> gg = default, gu = default, gp = default, pgg = default, gw = default, ww = default, uu = default,
                mm = default, vs = default, stale = default, open = default, total = default;
            var end = Math.Min(start + Block, whole);
            for (var i = start; i < end; i += width)
            {
                var gi = Vector512.Load(g + i);
                var wi = Vector512.Load(w + i);
                var mi = Vector512.Load(m + i);
                var vi = Vector512.Load(v + i);
                var d = Vector512.FusedMultiplyAdd(wi, Vector512.Create(c.CoupledDecay), gi);
                var m1 = Vector512.FusedMultiplyAdd(d, Vector512.Create(c.Rest1), mi * c.Beta1);
                var v1 = Vector512.FusedMultiplyAdd(d * d, Vector512.Create(c.Rest2), vi * c.Beta2);
                var root = Vector512.FusedMultiplyAdd(Approximate.Root(v1), Vector512.Create(c.InverseRoot2), Vector512.Create(c.Epsilon));
                var inverse = Approximate.Reciprocal(root) * c.Step;
                var u = Vector512.FusedMultiplyAdd(wi, Vector512.Create(c.Decay), m1 * inverse);
                var g2 = gi * gi;
                gg += g2;
                gu = Vector512.FusedMultiplyAdd(gi, u, gu);
                pgg = Vector512.FusedMultiplyAdd(g2, inverse, pgg);
                gw = Vector512.FusedMultiplyAdd(gi, wi, gw);
                ww = Vector512.FusedMultiplyAdd(wi, wi, ww);
                uu = Vector512.FusedMultiplyAdd(u, u, uu);
                var m2 = m1 * m1;
                mm += m2;
                vs += v1;
                open += Vector512.ConditionalSelect(Vector512.GreaterThan(m2 * c.Gate, v1), Vector512<float>.One, Vector512<float>.Zero);
                total += Vector512.ConditionalSelect(Vector512.GreaterThan(v1, Vector512<float>.Zero), Vector512<float>.One, Vector512<float>.Zero);
                if (typeof(TPrior) == typeof(With))
                {
                    var priorRoot = Vector512.FusedMultiplyAdd(Approximate.Root(vi), Vector512.Create(c.PriorInverseRoot2), Vector512.Create(c.Epsilon));
                    var priorInverse = Approximate.Reciprocal(priorRoot);
                    var up = Vector512.FusedMultiplyAdd(mi * c.PriorStep, priorInverse, wi * c.PriorDecay);
                    gp = Vector512.FusedMultiplyAdd(gi, up, gp);
                    stale = Vector512.FusedMultiplyAdd(g2 * priorInverse, priorInverse, stale);
                }
            }

            sums[(int)Sum.GradSq] += Vector512.Sum(gg);
            sums[(int)Sum.GradUpdate] += Vector512.Sum(gu);
            sums[(int)Sum.GradPrevious] += Vector512.Sum(gp);
            sums[(int)Sum.GainGradSq] += Vector512.Sum(pgg) * (double)c.Rest1;
            sums[(int)Sum.GradWeight] += Vector512.Sum(gw);
            sums[(int)Sum.WeightSq] += Vector512.Sum(ww);
            sums[(int)Sum.UpdateSq] += Vector512.Sum(uu);
            sums[(int)Sum.FirstSq] += Vector512.Sum(mm);
            sums[(int)Sum.SecondSum] += Vector512.Sum(vs);
            sums[(int)Sum.Staleness] += Vector512.Sum(stale);
            sums[(int)Sum.GateOpen] += Vector512.Sum(open);
            sums[(int)Sum.GateTotal] += Vector512.Sum(total);
        }

        for (var i = whole; i < n; i++)
        {
            Tail<TPrior>(g[i], w[i], m[i], v[i], c, sums);
        }
    }

    private static void Tail<TPrior>(float g, float w, float m, float v, in Constants c, double* sums)
        where TPrior : struct
    {
        var d = g + c.CoupledDecay * w;
        var m1 = m * c.Beta1 + d * c.Rest1;
        var v1 = v * c.Beta2 + d * d * c.Rest2;
        var inverse = c.Step / (MathF.Sqrt(v1) * c.InverseRoot2 + c.Epsilon);
        var u = m1 * inverse + w * c.Decay;
        sums[(int)Sum.GradSq] += (double)g * g;
        sums[(int)Sum.GradUpdate] += (double)g * u;
        sums[(int)Sum.GainGradSq] += (double)g * g * inverse * c.Rest1;
        sums[(int)Sum.GradWeight] += (double)g * w;
        sums[(int)Sum.WeightSq] += (double)w * w;
        sums[(int)Sum.UpdateSq] += (double)u * u;
        sums[(int)Sum.FirstSq] += (double)m1 * m1;
        sums[(int)Sum.SecondSum] += v1;
        sums[(int)Sum.GateOpen] += m1 * m1 * c.Gate > v1 ? 1 : 0;
        sums[(int)Sum.GateTotal] += v1 > 0 ? 1 : 0;
        if (typeof(TPrior) == typeof(With))
        {
            var priorInverse = 1 / (MathF.Sqrt(v) * c.PriorInverseRoot2 + c.Epsilon);
            sums[(int)Sum.GradPrevious] += (double)g * (m * c.PriorStep * priorInverse + w * c.PriorDecay);
            sums[(int)Sum.Staleness] += (double)(g * priorInverse) * (g * priorInverse);
        }
    }

    /// <summary>The previous update is wanted.</summary>
    private readonly struct With;

    /// <summary>It is not.</summary>
    private readonly struct Without;
}
