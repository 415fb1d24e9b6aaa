using TorchSharp;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Probes;

/// <summary>Products with the Hessian of a loss, by two backward passes through one kept graph. Must be made and used with gradient recording on.
/// <para>TorchSharp's <c>autograd.grad</c> lets native errors end the process, <c>backward</c> turns them into exceptions. So everything a closure may have got wrong
/// is tried by <c>backward</c> first, and products go through <c>backward</c> into the parameters' .grad, which are put aside meanwhile.</para></summary>
internal sealed class HessianOperator : IDisposable
{
    private readonly IReadOnlyList<Tensor> parameters;
    private readonly Tensor?[] aside;
    private readonly DisposeScope scope;
    private readonly Tensor?[] gradients;

    /// <summary>Builds the graph of the gradient.</summary>
    /// <param name="loss">The loss, with a graph.</param>
    /// <param name="parameters">What to differentiate by.</param>
    /// <exception cref="ArgumentException">The loss is no scalar or has no graph.</exception>
    public HessianOperator(Tensor loss, IReadOnlyList<Tensor> parameters)
    {
        if (loss.numel() != 1 || !loss.requires_grad)
        {
            throw new ArgumentException("The probe's loss must be one number computed from the model with gradients on, and not yet be differentiated.", nameof(loss));
        }

        this.parameters = parameters;
        Size = checked((int)parameters.Sum(p => p.numel()));
        scope = NewDisposeScope();
        aside = [.. parameters.Select(p => p.grad)];
        gradients = new Tensor?[parameters.Count];
        try
        {
            ClearGradients();
            loss.backward(retain_graph: true, inputs: [.. parameters]);
            var used = parameters.Select(p => p.grad is not null).ToArray();
            ClearGradients();
            var inputs = parameters.Where((_, i) => used[i]).ToList();
            var results = inputs.Count == 0 ? [] : autograd.grad([loss], inputs, retain_graph: true, create_graph: true);
            for (int i = 0, k = 0; i < gradients.Length; i++)
            {
                gradients[i] = used[i] ? results[k++] : null;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Number of coordinates.</summary>
    public int Size { get; }

    /// <summary>The gradient, flat.</summary>
    public double[] Gradient()
    {
        var flat = new double[Size];
        Flatten(i => gradients[i], flat);
        return flat;
    }

    /// <summary>result = H·x.</summary>
    public void Multiply(double[] x, double[] result)
    {
        using var inner = NewDisposeScope();
        var at = 0;
        Tensor? dot = null;
        for (var i = 0; i < parameters.Count; i++)
        {
            var count = (int)parameters[i].numel();
            if (gradients[i] is { requires_grad: true } gradient)
            {
                var part = tensor(x.AsSpan(at, count).ToArray(), parameters[i].shape, dtype: ScalarType.Float64);
                var term = (gradient * part.to(gradient.dtype, gradient.device)).sum();
                dot = dot is null ? term : dot + term;
            }

            at += count;
        }

        if (dot is null)
        {
            Array.Clear(result); // a loss that is linear in the parameters
            return;
        }

        dot.backward(retain_graph: true, inputs: [.. parameters]);
        Flatten(i => parameters[i].grad, result);
        ClearGradients();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var i = 0; i < parameters.Count; i++)
        {
            parameters[i].grad = aside[i];
        }

        scope.Dispose();
    }

    private void ClearGradients()
    {
        foreach (var parameter in parameters)
        {
            parameter.grad = null;
        }
    }

    private void Flatten(Func<int, Tensor?> parts, double[] flat)
    {
        var at = 0;
        for (var i = 0; i < parameters.Count; i++)
        {
            var count = (int)parameters[i].numel();
            if (parts(i) is { } part)
            {
                part.detach().to_type(ScalarType.Float64).cpu().contiguous().data<double>().CopyTo(flat.AsSpan(at, count));
            }
            else
            {
                flat.AsSpan(at, count).Clear();
            }

            at += count;
        }
    }
}
