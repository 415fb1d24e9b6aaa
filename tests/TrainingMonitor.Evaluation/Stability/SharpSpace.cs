using System.Numerics.Tensors;
using TrainingMonitor.TorchSharp.Layers;
using TrainingMonitor.TorchSharp.Optimizers;
using TrainingMonitor.TorchSharp.Probes;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TrainingMonitor.Evaluation.Stability;

/// <summary>The truth of the curvature at one step: the largest eigenvalue of the Hessian of the loss on the whole training set, preconditioned where the
/// optimizer is, by Lanczos to six digits; and the sharp space, spanned by the eigenvectors whose eigenvalue is at least a quarter of it.</summary>
internal sealed class SharpSpace
{
    /// <summary>Share of the largest eigenvalue from which a direction is sharp.</summary>
    public const double Share = 0.25;

    private const int Iterations = 150;
    private const double Tolerance = 1e-4;
    private readonly double[][] vectors;
    private readonly double[]? roots;

    private SharpSpace(LanczosResult largest, double[][] vectors, double[]? roots) => (Largest, this.vectors, this.roots) = (largest, vectors, roots);

    /// <summary>The largest eigenvalue.</summary>
    public LanczosResult Largest { get; }

    /// <summary>Directions in the space.</summary>
    public int Dimension => vectors.Length;

    /// <summary>Finds it.</summary>
    /// <param name="loss">Loss on the whole training set.</param>
    /// <param name="parameters">What to differentiate by.</param>
    /// <param name="roots">(√v̂ + ε)^(−1/2), or null for the plain Hessian.</param>
    public static SharpSpace Of(Func<Tensor> loss, IReadOnlyList<Tensor> parameters, double[]? roots)
    {
        using var scope = NewDisposeScope();
        using var hessian = new HessianOperator(loss(), parameters);
        var scaled = new double[hessian.Size];
        var space = Lanczos.Run(hessian.Size, Product, Iterations, Tolerance, seed: 17);

        // Always the first, also where no curvature is left.
        double[][] sharp = [.. space.Pairs().TakeWhile((p, i) => i == 0 || (p.Value > 0 && p.Value >= Share * space.Result.Value)).Select(p => p.Vector)];
        return new SharpSpace(space.Result, sharp, roots);

        void Product(double[] x, double[] y)
        {
            if (roots is null)
            {
                hessian.Multiply(x, y);
                return;
            }

            TensorPrimitives.Multiply(x, roots, scaled);
            hessian.Multiply(scaled, y);
            TensorPrimitives.Multiply(y, roots, y);
        }
    }

    /// <summary>(√v̂ + ε)^(−1/2) of the optimizer's state as it is; null without one.</summary>
    public static double[]? RootsOf(LayerMap map)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var flat = new List<double[]>();
        foreach (var parameter in map.Parameters)
        {
            if (UpdateTensors.Preconditioner(OptimizerReader.Read(parameter), ScalarType.Float64) is not { } root)
            {
                return null;
            }

            flat.Add(root.rsqrt().contiguous().data<double>().ToArray());
        }

        return [.. flat.SelectMany(f => f)];
    }

    /// <summary>Keeps the part of a displacement of the weights that lies in the space, in the metric of the preconditioner; gives its length.</summary>
    public double ProjectDisplacement(double[] x) => Project(x, inverse: false);

    /// <summary>The same for a vector of gradients (a first moment).</summary>
    public double ProjectGradient(double[] x) => Project(x, inverse: true);

    /// <summary>The sharpest direction as a displacement of the weights.</summary>
    public double[] Sharpest() => roots is null ? [.. vectors[0]] : [.. vectors[0].Zip(roots, (v, r) => v * r)];

    // In y = P^(1/2) w the preconditioned Hessian is symmetric: a displacement is divided by the roots (P^(−1/2)) on the way in, a gradient multiplied.
    private double Project(double[] x, bool inverse)
    {
        var y = (double[])x.Clone();
        Scale(y, inverse);
        var projected = new double[x.Length];
        foreach (var vector in vectors)
        {
            TensorPrimitives.MultiplyAdd(vector, TensorPrimitives.Dot<double>(vector, y), projected, projected);
        }

        var length = TensorPrimitives.Norm<double>(projected);
        Scale(projected, !inverse);
        projected.CopyTo(x, 0);
        return length;
    }

    private void Scale(double[] y, bool multiply)
    {
        if (roots is null)
        {
            return;
        }

        if (multiply)
        {
            TensorPrimitives.Multiply(y, roots, y);
        }
        else
        {
            TensorPrimitives.Divide(y, roots, y);
        }
    }
}
