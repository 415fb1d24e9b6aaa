using static TorchSharp.torch;

namespace TrainingMonitor.Evaluation.Baselines;

/// <summary>Normalized entropy of the eigenvalues of the covariance of the last features: H̃ = −Σ p ln p / ln d (arXiv 2604.13123). 1: all
/// directions alike; 0: one direction.</summary>
internal static class SpectralEntropy
{
    /// <summary>Of features [examples, d].</summary>
    public static double Of(Tensor features)
    {
        using var scope = NewDisposeScope();
        var flat = features.reshape(features.shape[0], -1).to_type(ScalarType.Float64);
        var centred = flat - flat.mean([0], keepdim: true);
        var covariance = centred.t().mm(centred);
        var trace = covariance.trace().item<double>();
        if (!(trace > 0) || !double.IsFinite(trace))
        {
            return double.NaN;
        }

        var values = linalg.eigvalsh(covariance).data<double>().ToArray();
        var entropy = -values.Select(v => v / trace).Where(p => p > 1e-15).Sum(p => p * Math.Log(p));
        return entropy / Math.Log(values.Length);
    }
}
