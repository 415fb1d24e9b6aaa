using TrainingMonitor.Evaluation.Training;
using static TorchSharp.torch;

namespace TrainingMonitor.Evaluation.Baselines;

/// <summary>The evidence-based criterion 1 − (B/D) Σ_k ḡ_k²/Σ̂_kk of Mahsereci et al. (arXiv 1703.09580, eq. 7): above 0, the gradient is what noise alone
/// would give. Σ̂ is the unbiased variance over the examples; here of the first 32 of the training set.</summary>
internal static class EvidenceCriterion
{
    private const int Examples = 32;

    /// <summary>With explicit gradients of single examples.</summary>
    public static double Of(FeatureNetwork network, SupervisedData data)
    {
        using var scope = NewDisposeScope();
        var count = Math.Min(Examples, data.Count);
        var gradients = stack(Enumerable.Range(0, count).Select(i => Gradient(network, data, i)).ToList());
        var mean = gradients.mean([0]);
        var variance = gradients.var(0, unbiased: true);
        var known = variance.gt(0);
        var ratio = mean.square()[known] / variance[known];
        return ratio.numel() == 0 ? double.NaN : 1 - (count * ratio.mean().item<float>());
    }

    private static Tensor Gradient(FeatureNetwork network, SupervisedData data, int example)
    {
        var outputs = network.call(data.Inputs.slice(0, example, example + 1, 1));
        return GradientVector.Of(network, SupervisedTraining.Loss(data, outputs, data.Targets.slice(0, example, example + 1, 1)));
    }
}
