using System.Numerics.Tensors;
using TrainingMonitor.TorchSharp.Layers;
using TrainingMonitor.TorchSharp.Optimizers;
using static TorchSharp.torch;

namespace TrainingMonitor.Evaluation.Stability;

/// <summary>The optimizer's recursion, linearized along the run: a small displacement of the weights and of the momentum, carried by Hessian-vector products
/// of the very batches of the run. The preconditioner of Adam and RMSProp is the run's own and is not displaced, as in the definition of the preconditioned
/// sharpness. Between <see cref="Enter"/> and <see cref="Leave"/> nothing is projected; at both ends only the sharp space counts, because a network has flat and
/// negatively curved directions whose growth (a factor near +1 a step, that of gradient flow) is no instability of the step size.</summary>
internal sealed class TangentRecursion(LayerMap map)
{
    private readonly int size = (int)map.Parameters.Sum(p => p.Tensor.numel());
    private double[] displacement = [];
    private double[] moment = [];

    /// <summary>The displacement of the weights now.</summary>
    public double[] Displacement => displacement;

    /// <summary>Whether it has begun.</summary>
    public bool HasBegun => displacement.Length > 0;

    /// <summary>Begins a window: projects what was carried into the sharp space and makes its length 1; begins with the sharpest direction.</summary>
    public void Enter(SharpSpace space)
    {
        var length = HasBegun ? Length(space) : 0;
        if (!(length > 0) || !double.IsFinite(length))
        {
            (displacement, moment) = (space.Sharpest(), new double[size]);
            length = Length(space);
        }

        TensorPrimitives.Divide(displacement, length, displacement);
        TensorPrimitives.Divide(moment, length, moment);
    }

    /// <summary>Ends a window: the logarithm of the length in the sharp space, which was 1.</summary>
    public double Leave(SharpSpace space) => Math.Log(Length(space));

    /// <summary>Carries it over one step. Call it when the optimizer has stepped.</summary>
    /// <param name="product">The batch's Hessian at the weights before the step times <see cref="Displacement"/>.</param>
    public void Step(double[] product)
    {
        var at = 0;
        foreach (var parameter in map.Parameters)
        {
            var count = (int)parameter.Tensor.numel();
            var rule = OptimizerReader.Read(parameter);
            Span<double> d = displacement.AsSpan(at, count), m = moment.AsSpan(at, count);
            ReadOnlySpan<double> h = product.AsSpan(at, count);
            if (rule.Kind is RuleKind.Adam or RuleKind.RmsProp)
            {
                Adaptive(rule, h, d, m);
            }
            else
            {
                Plain(rule, h, d, m);
            }

            at += count;
        }
    }

    private static void Plain(in UpdateRule rule, ReadOnlySpan<double> h, Span<double> d, Span<double> m)
    {
        for (var i = 0; i < h.Length; i++)
        {
            m[i] = (rule.Beta1 * m[i]) + ((1 - rule.Dampening) * h[i]);
            d[i] -= rule.LearningRate * (rule.Kind == RuleKind.Nesterov ? h[i] + (rule.Beta1 * m[i]) : m[i]);
        }
    }

    // The state read here is that after the step, whose root divided the update.
    private static void Adaptive(in UpdateRule rule, ReadOnlySpan<double> h, Span<double> d, Span<double> m)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var root = UpdateTensors.Preconditioner(rule, ScalarType.Float64)!.contiguous().data<double>().ToArray();
        var adam = rule.Kind == RuleKind.Adam;
        var (keep, rate) = adam ? (rule.Beta1, rule.LearningRate / rule.Correction1(rule.PriorSteps)) : (0, rule.LearningRate);
        for (var i = 0; i < h.Length; i++)
        {
            m[i] = (keep * m[i]) + ((1 - keep) * h[i]);
            d[i] -= rate * m[i] / root[i];
        }
    }

    private double Length(SharpSpace space)
    {
        var rule = OptimizerReader.Read(map.Parameters[0]);
        var momentum = rule.LearningRate * space.ProjectGradient(moment);
        return double.Hypot(space.ProjectDisplacement(displacement), momentum);
    }
}
