using TorchSharp.Modules;
using TrainingMonitor.Evaluation.Training;
using static TorchSharp.torch;

namespace TrainingMonitor.Evaluation.Baselines;

/// <summary>‖θ_AB − θ_BA‖/(‖η g_A‖‖η g_B‖): do gradient steps on two batches commute (arXiv 2602.16967)? η = 10⁻³; A and B are the first and
/// the second part of the first 256 training examples.</summary>
internal static class CommutatorDefect
{
    private const double Rate = 1e-3;
    private const int Examples = 256;

    /// <summary>Measures; the weights are put back.</summary>
    public static double Of(FeatureNetwork network, SupervisedData data)
    {
        using var scope = NewDisposeScope();
        var half = Math.Min(Examples, data.Count) / 2;
        var parameters = network.parameters().ToList();
        var saved = parameters.Select(p => p.detach().clone()).ToList();
        var (ab, a) = TwoSteps(network, data, parameters, (0, half), (half, 2 * half));
        Restore(parameters, saved);
        var (ba, b) = TwoSteps(network, data, parameters, (half, 2 * half), (0, half));
        Restore(parameters, saved);
        var size = Rate * a * Rate * b;
        return size > 0 ? (ab - ba).norm().item<float>() / size : double.NaN;
    }

    private static (Tensor End, double FirstNorm) TwoSteps(
        FeatureNetwork network, SupervisedData data, List<Parameter> parameters, (int From, int To) first, (int From, int To) second)
    {
        var firstNorm = Step(network, data, parameters, first);
        _ = Step(network, data, parameters, second);
        return (cat(parameters.Select(p => p.detach().reshape(-1)).ToList()), firstNorm);
    }

    private static double Step(FeatureNetwork network, SupervisedData data, List<Parameter> parameters, (int From, int To) range)
    {
        var outputs = network.call(data.Inputs.slice(0, range.From, range.To, 1));
        var gradient = GradientVector.Of(network, SupervisedTraining.Loss(data, outputs, data.Targets.slice(0, range.From, range.To, 1)));
        using var noGrad = no_grad();
        long at = 0;
        foreach (var parameter in parameters)
        {
            var part = gradient.slice(0, at, at + parameter.numel(), 1).reshape(parameter.shape);
            parameter.sub_(part * Rate);
            at += parameter.numel();
        }

        return gradient.norm().item<float>();
    }

    private static void Restore(List<Parameter> parameters, List<Tensor> saved)
    {
        using var noGrad = no_grad();
        for (var i = 0; i < parameters.Count; i++)
        {
            parameters[i].copy_(saved[i]);
        }
    }
}
