using TrainingMonitor.TorchSharp.Layers;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Exact;

/// <summary>Embedding: row r of c_i is the sum of δ over the positions of example i that looked it up.</summary>
internal sealed class EmbeddingMath(WatchedLayer layer) : ILayerMath
{
    /// <inheritdoc/>
    public void Accumulate(Tensor input, Tensor delta, LayerSums sums)
    {
        var weight = layer["weight"]!;
        long rows = weight.Tensor.shape[0], width = weight.Tensor.shape[1];
        var ids = input.reshape(sums.Batch, -1).to_type(ScalarType.Int64);
        var flat = delta.reshape(-1, width);
        var (values, owners, places) = (flat, arange(sums.Batch, ScalarType.Int64, delta.device), ids.reshape(-1));
        if (ids.shape[1] > 1)
        {
            // Positions of one example that looked up the same row belong to the same coordinates: add them before squaring.
            var keys = (owners.unsqueeze(1) * rows + ids).reshape(-1);
            var (unique, inverse, _) = keys.unique(sorted: true, return_inverse: true);
            values = zeros(unique.shape[0], width, delta.dtype, delta.device).index_add_(0, inverse!, flat, 1);
            (owners, places) = (unique.floor_divide(rows), unique.remainder(rows));
        }

        var squares = values.square();
        var perRow = zeros(rows, width, delta.dtype, delta.device).index_add_(0, places, squares, 1);
        var perExample = zeros(sums.Batch, ScalarType.Float64, delta.device).index_add_(0, owners, squares.sum(1, type: ScalarType.Float64), 1);
        sums.Add(weight, perRow, perExample, () => zeros(rows, width, delta.dtype, delta.device).index_add_(0, places, values, 1));
    }

    /// <inheritdoc/>
    public Tensor Cross(Tensor input, Tensor delta, Func<string, Tensor?> update)
    {
        var batch = delta.shape[0];
        return update("weight") is { } weight
            ? (weight.index_select(0, input.reshape(-1).to_type(ScalarType.Int64)).reshape(batch, -1) * delta.reshape(batch, -1)).sum(1, type: ScalarType.Float64)
            : zeros(batch, ScalarType.Float64, delta.device);
    }
}
