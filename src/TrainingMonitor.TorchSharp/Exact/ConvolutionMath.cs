using TorchSharp.Modules;
using TrainingMonitor.TorchSharp.Layers;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Exact;

/// <summary>Conv1d and Conv2d: c_i = δ_i·unfold(a_i)ᵀ over the output's positions, formed in chunks of examples. Zero padding only.</summary>
internal sealed class ConvolutionMath(WatchedLayer layer, Convolution module) : ILayerMath
{
    /// <summary>Whether this convolution can be done.</summary>
    public static bool Supports(Convolution module) =>
        module is Conv1d or Conv2d && !module.transposed && module.padding_mode == global::TorchSharp.PaddingModes.Zeros && Padding(module) is not null;

    /// <inheritdoc/>
    public void Accumulate(Tensor input, Tensor delta, LayerSums sums)
    {
        var d = delta.reshape(sums.Batch, delta.shape[1], -1);
        if (layer["weight"] is { } weight)
        {
            var columns = Unfold(input);
            var groups = module.groups;
            var left = groups == 1 ? d : d.reshape(sums.Batch, groups, -1, d.shape[^1]);
            var right = groups == 1 ? columns : columns.reshape(sums.Batch, groups, -1, columns.shape[^1]);
            LinearMath.Contributions(left, right.transpose(-1, -2), weight, sums);
        }

        sums.AddContributions(layer["bias"], d.sum(-1));
    }

    /// <inheritdoc/>
    public Tensor Cross(Tensor input, Tensor delta, Func<string, Tensor?> update)
    {
        Tensor? weight = update("weight"), bias = update("bias");
        var batch = delta.shape[0];
        var result = zeros(batch, ScalarType.Float64, delta.device);
        if (weight is not null)
        {
            var output = module is Conv1d
                ? nn.functional.conv2d(input.unsqueeze(2), weight.unsqueeze(2), null, Two(module.stride, 1), Two(Padding(module)!, 0), Two(module.dilation, 1), module.groups)
                : nn.functional.conv2d(input, weight, null, module.stride, Padding(module)!, module.dilation, module.groups);
            result += (output.reshape(batch, -1) * delta.reshape(batch, -1)).sum(1, type: ScalarType.Float64);
        }

        return bias is null ? result : result + (delta.reshape(batch, delta.shape[1], -1).sum(-1) * bias).sum(1, type: ScalarType.Float64);
    }

    private static long[]? Padding(Convolution module)
    {
        if (module.padding_type is not { } type)
        {
            return module.padding ?? [.. module.kernel_size.Select(_ => 0L)];
        }

        if (type == global::TorchSharp.Padding.Valid)
        {
            return [.. module.kernel_size.Select(_ => 0L)];
        }

        // "Same" is symmetric only where the padding in total is even.
        var total = module.kernel_size.Zip(module.dilation, (k, s) => (k - 1) * s).ToArray();
        return total.All(t => t % 2 == 0) ? [.. total.Select(t => t / 2)] : null;
    }

    private static long[] Two(long[] one, long first) => [first, one[0]];

    private Tensor Unfold(Tensor input)
    {
        var one = module is Conv1d;
        long[] k = one ? Two(module.kernel_size, 1) : module.kernel_size, p = one ? Two(Padding(module)!, 0) : Padding(module)!,
            s = one ? Two(module.stride, 1) : module.stride, d = one ? Two(module.dilation, 1) : module.dilation;
        return nn.functional.unfold(one ? input.unsqueeze(2) : input, (k[0], k[1]), (d[0], d[1]), (p[0], p[1]), (s[0], s[1]));
    }
}
