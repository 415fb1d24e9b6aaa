using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Layers;

/// <summary>A module with trainable parameters of its own; one row of the layer table.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Kind">Type of the module.</param>
/// <param name="Module">The module; null for parameters that belong to no module of the model.</param>
/// <param name="Parameters">Its parameters.</param>
internal sealed record WatchedLayer(string Name, string Kind, nn.Module? Module, IReadOnlyList<WatchedParameter> Parameters)
{
    /// <summary>Elements of all its parameters.</summary>
    public long Elements { get; } = Parameters.Sum(p => p.Elements);

    /// <summary>The parameter of that name, or null.</summary>
    public WatchedParameter? this[string name] => Parameters.FirstOrDefault(p => p.Name == name);
}
