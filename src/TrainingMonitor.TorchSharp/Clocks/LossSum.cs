using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Clocks;

/// <summary>Sums the losses of batches where they lie, so that a step does not wait for its device.</summary>
internal sealed class LossSum : IDisposable
{
    private Tensor? sum;
    private ulong count;

    /// <summary>Adds the loss of a batch, a mean over its examples or a sum.</summary>
    public void Add(Tensor loss, int examples, bool isSum)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var value = loss.detach().to_type(ScalarType.Float64).mul(isSum ? 1 : examples).reshape(1);
        if (sum is null)
        {
            sum = value.clone().DetachFromDisposeScope();
        }
        else
        {
            _ = sum.add_(value);
        }

        count += (ulong)examples;
    }

    /// <summary>Examples and the sum of their losses since the last call.</summary>
    public (ulong Count, double Sum) Take()
    {
        var taken = (count, sum is null ? 0 : sum.cpu().item<double>());
        Dispose();
        return taken;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        sum?.Dispose();
        (sum, count) = (null, 0);
    }
}
