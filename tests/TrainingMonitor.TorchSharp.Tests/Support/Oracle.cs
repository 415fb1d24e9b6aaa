using TrainingMonitor.Protocol.V1;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Tests.Support;

/// <summary>Everything by brute force: one example at a time through autograd, updates from differences of weights, all in float64.</summary>
internal sealed class Oracle
{
    private readonly nn.Module<Tensor, Tensor> model;
    private readonly Func<Tensor, Tensor, Tensor> loss;
    private readonly Parameterless layers;

    public Oracle(nn.Module<Tensor, Tensor> model, Func<Tensor, Tensor, Tensor> loss, LayerTable table)
    {
        this.model = model;
        this.loss = loss;
        var all = model.named_parameters().ToList();
        layers = new Parameterless([.. table.Layers.Select(l => all.Where(p => p.name.StartsWith(l.Name + ".", StringComparison.Ordinal)).Select(p => (Tensor)p.parameter).ToArray())]);
    }

    private sealed record Parameterless(Tensor[][] ByLayer);

    /// <summary>g_i of every example for every layer, flat.</summary>
    public double[][][] Examples(Tensor x, Tensor y)
    {
        var result = new List<double[][]>();
        for (long i = 0; i < x.shape[0]; i++)
        {
            using var scope = NewDisposeScope();
            var l = loss(model.forward(x.narrow(0, i, 1)), y.narrow(0, i, 1));
            var flat = layers.ByLayer.SelectMany(p => p).ToList();
            var grads = autograd.grad([l], flat).ToList();
            var at = 0;
            result.Add([.. layers.ByLayer.Select(p =>
            {
                var part = grads.Skip(at).Take(p.Length).SelectMany(Flat).ToArray();
                at += p.Length;
                return part;
            })]);
        }

        return [.. result];
    }

    public double[][] Weights() => [.. layers.ByLayer.Select(p => p.SelectMany(Flat).ToArray())];

    public double[][] Gradients() => [.. layers.ByLayer.Select(p => p.SelectMany(t => Flat(t.grad!)).ToArray())];

    public IReadOnlyList<Tensor[]> Parameters => layers.ByLayer;

    public static double[] Flat(Tensor t) => t.detach().to_type(ScalarType.Float64).contiguous().data<double>().ToArray();

    public static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    public static double[] Minus(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x - y)];
}
