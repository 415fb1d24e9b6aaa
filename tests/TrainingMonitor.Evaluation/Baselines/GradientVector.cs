using static TorchSharp.torch;

namespace TrainingMonitor.Evaluation.Baselines;

/// <summary>Gradients of a network as one vector, without touching those of the optimizer.</summary>
internal static class GradientVector
{
    /// <summary>∇ of the loss, [parameters], float32.</summary>
    public static Tensor Of(nn.Module network, Tensor loss)
    {
        var parameters = network.parameters().ToList<Tensor>();
        var gradients = autograd.grad([loss], parameters, allow_unused: true);
        return cat(parameters.Zip(gradients, (p, g) => g is null ? zeros(p.numel()) : g.reshape(-1)).ToList());
    }
}
