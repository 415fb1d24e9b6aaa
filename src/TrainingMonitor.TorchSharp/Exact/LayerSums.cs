using TrainingMonitor.TorchSharp.Layers;
using static TorchSharp.torch;

namespace TrainingMonitor.TorchSharp.Exact;

/// <summary>Sums over the examples of one layer. c_i is example i's contribution to the batch gradient: the gradient is Σ c_i, and the example's
/// own gradient g_i = b·c_i.</summary>
/// <param name="batch">Examples.</param>
/// <param name="checkSum">Also form Σ c_i, to compare it with the gradient.</param>
internal sealed class LayerSums(long batch, bool checkSum)
{
    /// <summary>Examples, b.</summary>
    public long Batch { get; } = batch;

    /// <summary>Whether <see cref="Totals"/> are wanted.</summary>
    public bool CheckSum { get; } = checkSum;

    /// <summary>Σ_i c_ik² for each parameter, of its shape.</summary>
    public Dictionary<WatchedParameter, Tensor> Squares { get; } = [];

    /// <summary>Σ_i c_ik where wanted.</summary>
    public Dictionary<WatchedParameter, Tensor> Totals { get; } = [];

    /// <summary>‖c_i‖² over all parameters of the layer, float64, one an example.</summary>
    public Tensor? ExampleSquares { get; private set; }

    /// <summary>Adds one parameter.</summary>
    public void Add(WatchedParameter? parameter, Tensor squares, Tensor exampleSquares, Func<Tensor> total)
    {
        if (parameter is null)
        {
            return;
        }

        var shape = parameter.Tensor.shape;
        Squares[parameter] = squares.reshape(shape);
        ExampleSquares = ExampleSquares is null ? exampleSquares : ExampleSquares + exampleSquares;
        if (CheckSum)
        {
            Totals[parameter] = total().reshape(shape);
        }
    }

    /// <summary>Adds one parameter whose contributions are all there: a tensor (b, …).</summary>
    public void AddContributions(WatchedParameter? parameter, Tensor contributions)
    {
        if (parameter is null)
        {
            return;
        }

        var squares = contributions.square();
        Add(parameter, squares.sum(dim: 0), squares.reshape(Batch, -1).sum(1, type: ScalarType.Float64), () => contributions.sum(dim: 0));
    }
}
