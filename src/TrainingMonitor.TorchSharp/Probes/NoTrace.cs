using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Probes;

/// <summary>Keeps what a forward pass or a careless closure may change, and puts it back: the processor's random state, buffers (BatchNorm's running statistics),
/// gradients and each module's train/eval mode. Weights are not kept: probes that move them restore them themselves.</summary>
internal sealed class NoTrace : IDisposable
{
    private readonly List<(nn.Module Module, bool Training)> modes;
    private readonly List<(Tensor Buffer, Tensor Copy)> buffers = [];
    private readonly List<(Tensor Parameter, Tensor? Copy)> gradients = [];
    private readonly Tensor random;

    /// <summary>Keeps the state of a model.</summary>
    public NoTrace(nn.Module model, IEnumerable<Tensor> parameters)
    {
        using var quiet = no_grad();
        modes = [(model, model.training), .. model.named_modules().Select(m => (m.module, m.module.training))];
        foreach (var (_, buffer) in model.named_buffers())
        {
            buffers.Add((buffer, buffer.clone().DetachFromDisposeScope()));
        }

        foreach (var parameter in parameters)
        {
            using var gradient = parameter.grad;
            gradients.Add((parameter, gradient?.clone().DetachFromDisposeScope()));
        }

        random = get_rng_state().DetachFromDisposeScope();
    }

    /// <summary>Puts the random state back to where it was, so that two passes draw the same.</summary>
    public void Rewind() => set_rng_state(random);

    /// <inheritdoc/>
    public void Dispose()
    {
        using var quiet = no_grad();
        set_rng_state(random);
        random.Dispose();
        foreach (var (buffer, copy) in buffers)
        {
            using (copy)
            {
                buffer.copy_(copy);
            }
        }

        foreach (var (parameter, copy) in gradients)
        {
            RestoreGradient(parameter, copy);
        }

        if (modes.Exists(m => m.Module.training != m.Training))
        {
            // train() reaches into children: parents first, then each child as it was.
            foreach (var (module, training) in modes)
            {
                module.train(training);
            }
        }
    }

    private static void RestoreGradient(Tensor parameter, Tensor? copy)
    {
        using var gradient = parameter.grad;
        if (copy is null)
        {
            if (gradient is not null)
            {
                parameter.grad = null;
            }

            return;
        }

        using (copy)
        {
            if (gradient is null)
            {
                parameter.grad = copy.clone();
            }
            else
            {
                gradient.copy_(copy);
            }
        }
    }
}
