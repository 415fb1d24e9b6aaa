using TorchSharp.Modules;
using TrainingMonitor.TorchSharp.Optimizers;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Layers;

/// <summary>One trainable tensor, its layer and what its optimizer keeps of it.</summary>
internal sealed class WatchedParameter : IDisposable
{
    /// <summary>Its name inside the module ("weight").</summary>
    public required string Name { get; init; }

    /// <summary>The tensor.</summary>
    public required Parameter Tensor { get; init; }

    /// <summary>Its elements.</summary>
    public required long Elements { get; init; }

    /// <summary>Index of its layer.</summary>
    public required int Layer { get; init; }

    /// <summary>Index among all parameters.</summary>
    public required int Index { get; init; }

    /// <summary>The optimizer's state of it; null where the optimizer does not hold it or is of another kind.</summary>
    public OptimizerState? State { get; set; }

    /// <summary>The options of its parameter group.</summary>
    public OptimizerOptions? Options { get; set; }

    /// <summary>The rule of the last step that was looked at.</summary>
    public UpdateRule Previous { get; set; }

    /// <summary>u_{t−1} where the optimizer's state does not hold it; kept only between the two steps of a pair.</summary>
    public Tensor? SavedUpdate { get; private set; }

    /// <summary>A buffer of the tensor's shape for u_t.</summary>
    public Tensor EnsureSavedUpdate()
    {
        SavedUpdate ??= zeros_like(Tensor, requires_grad: false).DetachFromDisposeScope();
        return SavedUpdate;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        SavedUpdate?.Dispose();
        SavedUpdate = null;
    }
}
