using System.Numerics.Tensors;

namespace TrainingMonitor.Estimation.Tests.Oracle;

/// <summary>A fully connected network without biases, ReLU between layers, in float64. The gradient of example i in layer l is the outer
/// product Deltas[l][i] · Activations[l][i]ᵀ (of the example's own loss: the batch gradient is their mean).</summary>
public sealed class OracleNetwork
{
    private readonly OracleLoss loss;
    private double[][][] activations = [];
    private double[][][] deltas = [];

    /// <summary>Layer l maps sizes[l] to sizes[l+1]; uniform start in ±1/√inputs.</summary>
    public OracleNetwork(int[] sizes, OracleLoss loss, int seed)
    {
        Sizes = sizes;
        this.loss = loss;
        var random = new Random(seed);
        Weights = [.. Enumerable.Range(0, sizes.Length - 1).Select(l =>
        {
            var bound = 1 / Math.Sqrt(sizes[l]);
            return Enumerable.Range(0, sizes[l] * sizes[l + 1]).Select(_ => bound * ((2 * random.NextDouble()) - 1)).ToArray();
        })];
    }

    public int[] Sizes { get; }

    public int LayerCount => Sizes.Length - 1;

    /// <summary>Weights of layer l, row-major [outputs × inputs].</summary>
    public double[][] Weights { get; }

    /// <summary>Inputs of layer l for example i, after <see cref="Backward"/>.</summary>
    public ReadOnlySpan<double> Activation(int layer, int example) => activations[layer][example];

    /// <summary>∂loss_i/∂(output of layer l), after <see cref="Backward"/>.</summary>
    public ReadOnlySpan<double> Delta(int layer, int example) => deltas[layer][example];

    /// <summary>Mean loss and accuracy of examples.</summary>
    public (double Loss, double Accuracy) Forward(OracleData data, ReadOnlySpan<int> batch)
    {
        Reserve(batch.Length);
        double total = 0, right = 0;
        for (var i = 0; i < batch.Length; i++)
        {
            Run(data.Inputs[batch[i]], i);
            var (value, correct) = Score(i, data.Targets[batch[i]]);
            total += value;
            right += correct ? 1 : 0;
        }

        return (total / batch.Length, right / batch.Length);
    }

    /// <summary>The same, and the deltas of every example.</summary>
    public (double Loss, double Accuracy) Backward(OracleData data, ReadOnlySpan<int> batch)
    {
        var result = Forward(data, batch);
        for (var i = 0; i < batch.Length; i++)
        {
            for (var layer = LayerCount - 1; layer > 0; layer--)
            {
                var below = deltas[layer - 1][i].AsSpan();
                below.Clear();
                for (var o = 0; o < Sizes[layer + 1]; o++)
                {
                    if (deltas[layer][i][o] != 0)
                    {
                        TensorPrimitives.MultiplyAdd(Row(layer, o), deltas[layer][i][o], below, below);
                    }
                }

                for (var j = 0; j < below.Length; j++)
                {
                    below[j] = activations[layer][i][j] > 0 ? below[j] : 0;
                }
            }
        }

        return result;
    }

    /// <summary>Weights of one output of a layer.</summary>
    public ReadOnlySpan<double> Row(int layer, int output) => Weights[layer].AsSpan(output * Sizes[layer], Sizes[layer]);

    private void Run(double[] input, int example)
    {
        input.CopyTo(activations[0][example], 0);
        for (var layer = 0; layer < LayerCount; layer++)
        {
            var last = layer == LayerCount - 1;
            var target = last ? deltas[layer][example] : activations[layer + 1][example];
            for (var o = 0; o < Sizes[layer + 1]; o++)
            {
                var sum = TensorPrimitives.Dot(Row(layer, o), activations[layer][example]);
                target[o] = last ? sum : Math.Max(sum, 0);
            }
        }
    }

    // Turns the outputs, which wait in the last delta, into ∂loss/∂outputs.
    private (double Loss, bool Correct) Score(int example, double target)
    {
        var outputs = deltas[LayerCount - 1][example];
        if (loss == OracleLoss.Squared)
        {
            var error = outputs[0] - target;
            outputs[0] = 2 * error;
            return (error * error, false);
        }

        var label = (int)target;
        var highest = TensorPrimitives.IndexOfMax(outputs);
        var peak = outputs[highest];
        var sum = outputs.Sum(value => Math.Exp(value - peak));
        var value = Math.Log(sum) + peak - outputs[label];
        for (var o = 0; o < outputs.Length; o++)
        {
            outputs[o] = (Math.Exp(outputs[o] - peak) / sum) - (o == label ? 1 : 0);
        }

        return (value, highest == label);
    }

    private void Reserve(int batch)
    {
        if (activations.Length > 0 && activations[0].Length >= batch)
        {
            return;
        }

        activations = [.. Enumerable.Range(0, LayerCount).Select(l => Enumerable.Range(0, batch).Select(_ => new double[Sizes[l]]).ToArray())];
        deltas = [.. Enumerable.Range(0, LayerCount).Select(l => Enumerable.Range(0, batch).Select(_ => new double[Sizes[l + 1]]).ToArray())];
    }
}
