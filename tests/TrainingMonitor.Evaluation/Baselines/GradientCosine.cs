using static TorchSharp.torch;

namespace TrainingMonitor.Evaluation.Baselines;

/// <summary>Cosine of the gradients of consecutive batches, averaged between two looks.</summary>
internal sealed class GradientCosine : IDisposable
{
    private Tensor? previous;
    private double sum;
    private int count;

    /// <summary>Takes the gradient that lies in the parameters.</summary>
    public void Add(nn.Module network)
    {
        using var scope = NewDisposeScope();
        var gradient = cat(network.parameters().Select(p => p.grad is { } g ? g.reshape(-1) : zeros(p.numel())).ToList());
        if (previous is not null)
        {
            var cosine = (gradient.dot(previous) / (gradient.norm() * previous.norm())).item<float>();
            previous.Dispose();
            if (float.IsFinite(cosine))
            {
                sum += cosine;
                count++;
            }
        }

        previous = gradient.MoveToOuterDisposeScope().DetachFromDisposeScope();
    }

    /// <summary>Mean since the last call; NaN where there was none.</summary>
    public double Take()
    {
        var mean = count > 0 ? sum / count : double.NaN;
        (sum, count) = (0, 0);
        return mean;
    }

    /// <inheritdoc/>
    public void Dispose() => previous?.Dispose();
}
