using System.Numerics.Tensors;
using TrainingMonitor.Evaluation.Recordings;
using TrainingMonitor.TorchSharp.Layers;
using TrainingMonitor.TorchSharp.Probes;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using Tensor = TorchSharp.torch.Tensor;

namespace TrainingMonitor.Evaluation.Stability;

/// <summary>Measures the truth of a run while it is recorded (docs/design/090-truth-of-the-edge-of-stability.md). It has its own hold on the weights and the
/// optimizer's state, reads them, and changes nothing.</summary>
internal sealed class StabilityTruth(CurveBuilder curves, nn.Module network, Optimizer optimizer, Func<Tensor> fullLoss, Func<Tensor> batchLoss, int batches) : IDisposable
{
    private readonly LayerMap map = LayerMap.Create(network, optimizer);
    private TangentRecursion? tangent;
    private SharpSpace? space;
    private bool wasConditioned;
    private int last;

    private Tensor[] Parameters => [.. map.Parameters.Select(p => p.Tensor)];

    /// <summary>Looks at the curvature before the step, closes the window of the tangent and begins the next.</summary>
    /// <returns>Loss on the whole training set.</returns>
    public double Look(int step)
    {
        using var trace = new NoTrace(network, Parameters);
        using var scope = NewDisposeScope();
        double loss;
        using (no_grad())
        {
            loss = fullLoss().item<float>();
        }

        curves.Add(StabilityCurve.Loss, step, loss);
        if (!double.IsFinite(loss))
        {
            return loss;
        }

        var plain = SharpSpace.Of(fullLoss, Parameters, null);
        curves.Add(StabilityCurve.Sharpness, step, plain.Largest.Value);
        var roots = SharpSpace.RootsOf(map);
        space = roots is null ? plain : SharpSpace.Of(fullLoss, Parameters, roots);
        if (roots is not null)
        {
            curves.Add(StabilityCurve.Preconditioned, step, space.Largest.Value);
        }

        curves.Add(StabilityCurve.Dimension, step, space.Dimension);
        Advance(step, roots is not null);
        if (batches > 0)
        {
            LookAtBatches(step);
        }

        return loss;
    }

    /// <summary>The Hessian of the step's batch times the tangent, at the weights before the step.</summary>
    public double[] Product(Func<Tensor> loss)
    {
        var product = new double[tangent!.Displacement.Length];
        using var scope = NewDisposeScope();
        using var hessian = new HessianOperator(loss(), Parameters);
        hessian.Multiply(tangent.Displacement, product);
        return product;
    }

    /// <summary>The optimizer has stepped.</summary>
    public void Step(double[] product) => tangent!.Step(product);

    /// <inheritdoc/>
    public void Dispose() => map.Dispose();

    private void Advance(int step, bool conditioned)
    {
        // Before the first step there is no preconditioner, and lengths with and without one do not compare.
        tangent = tangent is null || conditioned != wasConditioned ? new TangentRecursion(map) : tangent;
        wasConditioned = conditioned;
        if (tangent.HasBegun)
        {
            curves.Add(StabilityCurve.Exponent, step, tangent.Leave(space!) / (step - last));
        }

        tangent.Enter(space!);
        last = step;
    }

    private void LookAtBatches(int step)
    {
        var values = new double[batches];
        for (var i = 0; i < batches; i++)
        {
            using var scope = NewDisposeScope();
            using var hessian = new HessianOperator(batchLoss(), Parameters);
            var g = hessian.Gradient();
            var product = new double[g.Length];
            hessian.Multiply(g, product);
            values[i] = TensorPrimitives.Dot<double>(g, product) / TensorPrimitives.SumOfSquares<double>(g);
        }

        var mean = values.Average();
        curves.Add(StabilityCurve.BatchSharpness, step, mean);
        curves.Add(StabilityCurve.BatchSharpnessError, step, Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (batches - 1) / batches));
    }
}
