using TorchSharp.Modules;
using TrainingMonitor.TorchSharp.Layers;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Exact;

/// <summary>LayerNorm and GroupNorm with y = x̂·γ + β: c_i of γ is Σ δ·x̂, of β Σ δ, over the positions that share the coordinate.</summary>
internal sealed class NormalizationMath(WatchedLayer layer) : ILayerMath
{
    /// <inheritdoc/>
    public void Accumulate(Tensor input, Tensor delta, LayerSums sums)
    {
        sums.AddContributions(layer["weight"], Shared(delta * Normalized(input)));
        sums.AddContributions(layer["bias"], Shared(delta));
    }

    /// <inheritdoc/>
    public Tensor Cross(Tensor input, Tensor delta, Func<string, Tensor?> update)
    {
        var batch = delta.shape[0];
        var result = zeros(batch, ScalarType.Float64, delta.device);
        if (update("weight") is { } weight)
        {
            result += (Shared(delta * Normalized(input)).reshape(batch, -1) * weight.reshape(-1)).sum(1, type: ScalarType.Float64);
        }

        return update("bias") is { } bias
            ? result + (Shared(delta).reshape(batch, -1) * bias.reshape(-1)).sum(1, type: ScalarType.Float64)
            : result;
    }

    private Tensor Normalized(Tensor input) => layer.Module switch
    {
        LayerNorm norm => nn.functional.layer_norm(input, norm.normalized_shape, null, null, norm.eps),
        GroupNorm norm => nn.functional.group_norm(input, norm.num_groups, null, null, norm.eps),
        _ => throw new NotSupportedException(layer.Kind),
    };

    /// <summary>Sums over the positions of each example that share the coordinates: (b, coordinates).</summary>
    private Tensor Shared(Tensor values)
    {
        var batch = values.shape[0];
        return layer.Module is LayerNorm norm
            ? values.reshape(batch, -1, norm.normalized_shape.Aggregate(1L, (a, b) => a * b)).sum(dim: 1)
            : values.reshape(batch, values.shape[1], -1).sum(dim: 2);
    }
}
