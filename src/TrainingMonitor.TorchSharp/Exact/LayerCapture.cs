using TorchSharp.Modules;
using TrainingMonitor.TorchSharp.Layers;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Exact;

/// <summary>Takes a layer's input and the gradient of its output on the steps that want them. A forward hook adds a tensor of −0.0 that wants a gradient to the output:
/// x + (−0.0) is x bit for bit, for every x, and the tensor's gradient is that of the output. On other steps there is no hook: calling one that does nothing costs a small model 2% of its step.</summary>
internal sealed class LayerCapture : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> module;
    private readonly List<(Tensor Input, Tensor Tap)> calls = [];

    // An evaluation with gradients between two steps must not fill the memory.
    private const int MostCalls = 32;
    private readonly Action<Exception> onError;
    private nn.HookableModule<Func<nn.Module<Tensor, Tensor>, Tensor, Tensor>, Func<nn.Module<Tensor, Tensor>, Tensor, Tensor, Tensor>>.HookRemover? remover;
    private bool failed;

    private LayerCapture(WatchedLayer layer, nn.Module<Tensor, Tensor> module, ILayerMath math, Action<Exception> onError)
    {
        Layer = layer;
        Math = math;
        this.module = module;
        this.onError = onError;
    }

    /// <summary>The layer.</summary>
    public WatchedLayer Layer { get; }

    /// <summary>Its arithmetic.</summary>
    public ILayerMath Math { get; }

    /// <summary>Whether forward passes are taken.</summary>
    public bool Armed
    {
        get => remover is not null;
        set
        {
            if (value)
            {
                remover ??= module.register_forward_hook(OnForward);
                return;
            }

            remover?.remove();
            remover = null;
        }
    }

    /// <summary>Why this layer's sums are not taken any more; null: they are.</summary>
    public string? Refused { get; set; }

    /// <summary>Whether the sum of contributions was compared with the gradient once.</summary>
    public bool Checked { get; set; }

    /// <summary>Hooks into a layer, or null where its kind is not supported.</summary>
    public static LayerCapture? TryCreate(WatchedLayer layer, Action<Exception> onError)
    {
        ILayerMath? math = layer.Module switch
        {
            Linear => new LinearMath(layer),
            Convolution c when ConvolutionMath.Supports(c) => new ConvolutionMath(layer, c),
            Embedding => new EmbeddingMath(layer),
            LayerNorm or GroupNorm => new NormalizationMath(layer),
            _ => null,
        };
        return math is not null && layer.Module is nn.Module<Tensor, Tensor> module ? new LayerCapture(layer, module, math, onError) : null;
    }

    /// <summary>The calls that took part in the backward pass: input and gradient of the output. The tensors stay owned by the capture.</summary>
    public List<(Tensor Input, Tensor Delta)> Take()
    {
        var taken = new List<(Tensor Input, Tensor Delta)>();
        foreach (var (input, tap) in calls)
        {
            if (tap.grad is { } delta)
            {
                taken.Add((input, delta));
            }
        }

        return taken;
    }

    /// <summary>Forgets what was taken.</summary>
    public void Clear()
    {
        foreach (var (input, tap) in calls)
        {
            input.Dispose();
            tap.Dispose();
        }

        calls.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Armed = false;
        Clear();
    }

    private Tensor OnForward(nn.Module<Tensor, Tensor> module, Tensor input, Tensor output)
    {
        if (failed || Refused is not null || calls.Count >= MostCalls || !output.requires_grad)
        {
            return null!; // the hook changes nothing
        }

        try
        {
            var tap = full_like(output, -0.0, requires_grad: true).DetachFromDisposeScope();
            calls.Add((input.detach().DetachFromDisposeScope(), tap));
            return output.add(tap);
        }
        catch (Exception e)
        {
            // Inside the user's forward pass: the step must go on as if the hook were not there.
            failed = true;
            onError(e);
            return null!;
        }
    }
}
