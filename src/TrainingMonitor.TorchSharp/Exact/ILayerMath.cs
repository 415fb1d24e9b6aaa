using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Exact;

/// <summary>How one kind of layer makes per-example sums from its input and the gradient of its output. Both have the examples in dimension 0.</summary>
internal interface ILayerMath
{
    /// <summary>Forms Σ_i c_ik² and ‖c_i‖².</summary>
    /// <param name="input">The layer's input.</param>
    /// <param name="delta">Gradient of the loss in the layer's output.</param>
    /// <param name="sums">Where they go.</param>
    void Accumulate(Tensor input, Tensor delta, LayerSums sums);

    /// <summary>⟨c_i, U⟩ for each example: the layer applied with weights U, times delta. Float64, (b).</summary>
    /// <param name="input">The layer's input.</param>
    /// <param name="delta">Gradient of the loss in the layer's output.</param>
    /// <param name="update">U for a parameter's name; null: zero.</param>
    Tensor Cross(Tensor input, Tensor delta, Func<string, Tensor?> update);
}
