using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TrainingMonitor.TorchSharp.Tests.Support;

/// <summary>Small nets of every supported kind, in float64, with a batch generator.</summary>
internal static class Nets
{
    public const int Classes = 4;

    public static readonly string[] Names = ["linear", "positions", "conv2d", "conv1d", "embedding", "bag", "layernorm", "groupnorm"];

    public static (Module<Tensor, Tensor> Model, Func<int, Tensor> Input) Make(string name, ScalarType type = ScalarType.Float64)
    {
        Module<Tensor, Tensor> model = name switch
        {
            "linear" => Sequential(("a", Linear(5, 7)), ("t", Tanh()), ("b", Linear(7, Classes))),
            "positions" => Sequential(("a", Linear(3, 6)), ("t", Tanh()), ("b", Linear(6, 2, hasBias: false)), ("f", Flatten()), ("c", Linear(8, Classes))),
            "conv2d" => Sequential(("a", Conv2d(2, 4, (3, 2), stride: (2, 1), padding: (1, 0), dilation: (1, 2))), ("t", Tanh()),
                ("g", Conv2d(4, 6, 3, padding: 1, groups: 2, bias: false)), ("f", Flatten()), ("c", Linear(54, Classes))),
            "conv1d" => Sequential(("a", Conv1d(2, 4, 3, stride: 2, padding: 1)), ("t", Tanh()), ("f", Flatten()), ("c", Linear(16, Classes))),
            "embedding" => Sequential(("e", Embedding(6, 3)), ("c", Linear(3, Classes))),
            "bag" => Sequential(("e", Embedding(6, 3)), ("f", Flatten()), ("c", Linear(15, Classes))),
            "layernorm" => Sequential(("a", Linear(3, 6)), ("n", LayerNorm(6)), ("t", Tanh()), ("f", Flatten()), ("c", Linear(24, Classes))),
            "groupnorm" => Sequential(("a", Conv2d(2, 4, 3)), ("n", FreshGroupNorm(2, 4)), ("t", Tanh()), ("f", Flatten()), ("c", Linear(36, Classes))),
            _ => throw new ArgumentException(name, nameof(name)),
        };
        model.to(type);
        return (model, b => name switch
        {
            "linear" => randn(b, 5, dtype: type),
            "positions" or "layernorm" => randn(b, 4, 3, dtype: type),
            "conv2d" => randn(b, 2, 5, 5, dtype: type),
            "groupnorm" => randn(b, 2, 5, 5, dtype: type),
            "conv1d" => randn(b, 2, 7, dtype: type),
            "embedding" => randint(6, b, dtype: ScalarType.Int64),
            _ => randint(6, [b, 5], dtype: ScalarType.Int64),
        });
    }

    // TorchSharp 0.107 leaves the weights of a new GroupNorm as the memory was.
    private static global::TorchSharp.Modules.GroupNorm FreshGroupNorm(long groups, long channels)
    {
        var norm = GroupNorm(groups, channels);
        init.ones_(norm.weight);
        init.zeros_(norm.bias);
        return norm;
    }
}
