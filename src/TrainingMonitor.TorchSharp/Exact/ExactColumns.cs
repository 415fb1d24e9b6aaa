using TrainingMonitor.TorchSharp.Native;
using TrainingMonitor.TorchSharp.Optimizers;
using TrainingMonitor.TorchSharp.Statistics;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Exact;

/// <summary>From Σ_i c_ik² of one parameter to its part of the columns. With g_i = b·c_i:
/// q = Σ_k P_k·mean g_ik² = b·Σ_k P_k Σ_i c_ik². The gate mean² &gt; variance/(b−1) is ḡ² &gt; Σ c_i², since variance = b·Σ c_i² − ḡ².</summary>
internal static class ExactColumns
{
    // Below this share of the second moment a variance is rounding.
    private const double VarianceFloor = 1e-5;

    // A coordinate that only one example moves is a tie of the gate; rounding must not open it.
    private const double TieMargin = 1e-6;

    private const int Chunk = 32 * 1024;

    /// <summary>Adds or queues the parameter's sums.</summary>
    public static void Add(
        ScalarBatch results, in ParameterStep step, Tensor squares, long batch, double clip, int layer, double[]? second, double[] open, double[] total)
    {
        if (TryFused(step, squares, batch, clip, layer, second, open, total))
        {
            return;
        }

        var type = step.Gradient.dtype;
        var moments = clip == 1 ? squares : squares * (clip * clip);
        if (second is not null)
        {
            var gain = step.Rule.ScalarGain;
            var weighted = double.IsNaN(gain)
                ? (UpdateTensors.Gain(step.Rule, step.Gradient, step.Parameter.Tensor, type) * moments).sum(ScalarType.Float64) * batch
                : moments.sum(ScalarType.Float64) * (gain * batch);
            results.Add(second, layer, weighted);
        }

        var mean = step.Gradient.square();
        results.Add(open, layer, mean.gt(moments * (1 + TieMargin)).sum());
        results.Add(total, layer, mean.lt(moments * (batch * (1 - VarianceFloor))).sum());
    }

    /// <summary>The same in one pass over memory, for float32 and the rules that have a kernel.</summary>
    private static unsafe bool TryFused(
        in ParameterStep step, Tensor squares, long batch, double clip, int layer, double[]? second, double[] open, double[] total)
    {
        var rule = step.Rule;
        var adam = rule.Kind == RuleKind.Adam && rule.Largest is null;
        var scalar = rule.ScalarGain;
        if (second is not null && !adam && double.IsNaN(scalar))
        {
            return false;
        }

        var count = step.Parameter.Elements;
        float* g = TensorMemory.Floats(step.Gradient, count), w = TensorMemory.Floats(step.Parameter.Tensor, count),
            s = TensorMemory.Floats(squares, count), v = adam ? TensorMemory.Floats(rule.Second, count) : null;
        if (g == null || w == null || s == null || (adam && v == null))
        {
            return false;
        }

        var scale = clip * clip;
        var constants = new AdamKernel.Constants(rule, default);
        float openAt = (float)(scale * (1 + TieMargin)), totalAt = (float)(scale * batch * (1 - VarianceFloor));
        var chunks = (int)((count + Chunk - 1) / Chunk);
        var sums = new double[3 * chunks];
        nint ga = (nint)g, wa = (nint)w, sa = (nint)s, va = (nint)v;
        TorchTeam.Run(chunks, chunks > 8 ? get_num_threads() : 1, One);
        var gain = adam ? constants.Step * (double)constants.Rest1 : scalar;
        for (var i = 0; i < chunks; i++)
        {
            if (second is not null)
            {
                second[layer] += sums[3 * i] * gain * scale * batch;
            }

            open[layer] += sums[3 * i + 1];
            total[layer] += sums[3 * i + 2];
        }

        return true;

        void One(int i)
        {
            var at = (long)i * Chunk;
            fixed (double* all = sums)
            {
                ExactKernel.Run((float*)ga + at, (float*)wa + at, va == 0 ? null : (float*)va + at, (float*)sa + at,
                    (int)Math.Min(Chunk, count - at), constants, openAt, totalAt, all + 3 * i);
            }
        }
    }
}
