using TrainingMonitor.TorchSharp.Layers;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Exact;

/// <summary>Linear: c_i = Σ_t δ_it a_itᵀ over the positions t of example i. With one position Σ_i c_i² = (δ²)ᵀ(a²), one matrix product; with several the
/// c_i are formed in chunks.</summary>
internal sealed class LinearMath(WatchedLayer layer) : ILayerMath
{
    /// <summary>Elements of contributions formed at once.</summary>
    internal const long ChunkElements = 8 << 20;

    /// <inheritdoc/>
    public void Accumulate(Tensor input, Tensor delta, LayerSums sums)
    {
        Tensor a = input.reshape(sums.Batch, -1, input.shape[^1]), d = delta.reshape(sums.Batch, -1, delta.shape[^1]);
        if (a.shape[1] == 1)
        {
            OnePosition(a.squeeze(1), d.squeeze(1), sums);
            return;
        }

        if (layer["weight"] is { } weight)
        {
            Contributions(d.transpose(1, 2), a, weight, sums);
        }

        sums.AddContributions(layer["bias"], d.sum(dim: 1));
    }

    /// <inheritdoc/>
    public Tensor Cross(Tensor input, Tensor delta, Func<string, Tensor?> update)
    {
        Tensor a = input.reshape(input.shape[0], -1, input.shape[^1]), d = delta.reshape(delta.shape[0], -1, delta.shape[^1]);
        Tensor? weight = update("weight"), bias = update("bias");
        var output = weight is null ? zeros_like(d) : a.matmul(weight.t());
        return ((bias is null ? output : output.add_(bias)) * d).sum([1, 2], type: ScalarType.Float64);
    }

    /// <summary>Forms left_i·right_i for chunks of examples and sums their squares.</summary>
    internal static void Contributions(Tensor left, Tensor right, WatchedParameter parameter, LayerSums sums)
    {
        var each = left.shape[^2] * right.shape[^1] * (left.dim() > 3 ? left.shape[1] : 1);
        var chunk = Math.Clamp(ChunkElements / Math.Max(1, each), 1, sums.Batch);
        Tensor? squares = null, total = null;
        var examples = new List<Tensor>();
        for (long at = 0; at < sums.Batch; at += chunk)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(chunk, sums.Batch - at);
            var c = left.narrow(0, at, count).matmul(right.narrow(0, at, count));
            if (sums.CheckSum)
            {
                total = (total is null ? c.sum(dim: 0) : total.add_(c.sum(dim: 0))).MoveToOuterDisposeScope();
            }

            c = c.square();
            squares = (squares is null ? c.sum(dim: 0) : squares.add_(c.sum(dim: 0))).MoveToOuterDisposeScope();
            examples.Add(c.reshape(count, -1).sum(1, type: ScalarType.Float64).MoveToOuterDisposeScope());
        }

        sums.Add(parameter, squares!, cat(examples), () => total!);
    }

    private void OnePosition(Tensor a, Tensor d, LayerSums sums)
    {
        var d2 = d.square();
        var deltaSquares = d2.sum(1, type: ScalarType.Float64);
        if (layer["weight"] is { } weight)
        {
            var a2 = a.square();
            sums.Add(weight, d2.t().mm(a2), deltaSquares * a2.sum(1, type: ScalarType.Float64), () => d.t().mm(a));
        }

        sums.Add(layer["bias"], d2.sum(dim: 0), deltaSquares, () => d.sum(dim: 0));
    }
}
