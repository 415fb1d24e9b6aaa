using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Probes;

/// <summary>The exact gain of the next batch from a step: its loss with the weights before the step minus with those after, both with the same random numbers.
/// Keeps a copy of the weights from one step to the next.</summary>
internal sealed class NextBatchGain : IDisposable
{
    private readonly Tensor[] parameters;
    private readonly Tensor[] before;

    /// <summary>Keeps the weights before the update of a step.</summary>
    public NextBatchGain(long step, Tensor[] parameters)
    {
        using var quiet = no_grad();
        Step = step;
        this.parameters = parameters;
        before = [.. parameters.Select(p => p.detach().clone().DetachFromDisposeScope())];
    }

    /// <summary>The step whose update is judged.</summary>
    public long Step { get; }

    /// <summary>Measures it with the next step's batch; the weights end as they were, bit for bit.</summary>
    /// <param name="loss">Loss of that batch with the weights of the moment.</param>
    /// <param name="rewind">Puts the random state back.</param>
    public double Measure(Func<Tensor> loss, Action rewind)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var after = Evaluate(loss);
        var now = parameters.Select(p => p.detach().clone()).ToArray();
        try
        {
            Set(before);
            rewind();
            return Evaluate(loss) - after;
        }
        finally
        {
            Set(now);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var copy in before)
        {
            copy.Dispose();
        }
    }

    private static double Evaluate(Func<Tensor> loss) => loss().detach().to_type(ScalarType.Float64).cpu().item<double>();

    private void Set(Tensor[] values)
    {
        for (var i = 0; i < parameters.Length; i++)
        {
            parameters[i].copy_(values[i]);
        }
    }
}
