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

    /// <summary>Queues the parameter's sums.</summary>
    public static void Add(
        ScalarBatch results, in ParameterStep step, Tensor squares, long batch, double clip, int layer, double[]? second, double[] open, double[] total)
    {
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
}
