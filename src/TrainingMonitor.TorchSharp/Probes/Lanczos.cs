using System.Numerics.Tensors;

namespace TrainingMonitor.TorchSharp.Probes;

/// <summary>Largest eigenvalue of a symmetric operator by Lanczos' method with full reorthogonalization (twice) in float64, so that rounding makes no
/// copies of eigenvalues.</summary>
internal static class Lanczos
{
    /// <summary>Runs it.</summary>
    /// <param name="size">Dimension.</param>
    /// <param name="product">A·x into the second argument.</param>
    /// <param name="iterations">Largest number of products.</param>
    /// <param name="tolerance">Stop when the residual bound is below this share of the eigenvalue.</param>
    /// <param name="seed">Seed of the start vector: the method draws from no generator but its own.</param>
    public static LanczosResult Largest(int size, Action<double[], double[]> product, int iterations, double tolerance, int seed) =>
        Run(size, product, iterations, tolerance, seed).Result;

    /// <summary>Runs it and keeps the Krylov space, from which eigenvectors can be had.</summary>
    public static KrylovSpace Run(int size, Action<double[], double[]> product, int iterations, double tolerance, int seed) =>
        Run(StartVector(size, seed), product, iterations, tolerance);

    /// <summary>Runs it from a unit vector.</summary>
    public static KrylovSpace Run(double[] start, Action<double[], double[]> product, int iterations, double tolerance)
    {
        var size = start.Length;
        var basis = new List<double[]> { start };
        var diagonal = new List<double>();
        var below = new List<double>();
        var w = new double[size];
        LanczosResult result = default;
        for (var j = 0; j < Math.Min(iterations, size); j++)
        {
            product(basis[j], w);
            diagonal.Add(TensorPrimitives.Dot<double>(basis[j], w));
            Orthogonalize(w, basis);
            Orthogonalize(w, basis);
            var norm = TensorPrimitives.Norm<double>(w);
            var (value, last) = TridiagonalEigen.Largest([.. diagonal], [.. below]);
            var residual = norm * last;
            var exhausted = norm <= 1e-12 * Math.Abs(value) || j == size - 1;
            result = new LanczosResult(value, exhausted ? 0 : residual, j + 1, exhausted || (j > 0 && residual <= tolerance * Math.Abs(value)));
            if (result.Converged || !double.IsFinite(value))
            {
                break;
            }

            below.Add(norm);
            var next = new double[size];
            TensorPrimitives.Divide(w, norm, next);
            basis.Add(next);
        }

        return new KrylovSpace(result, basis, diagonal, below);
    }

    private static double[] StartVector(int size, int seed)
    {
        var random = new Random(seed);
        var start = new double[size];
        for (var i = 0; i < size; i++)
        {
            start[i] = random.NextDouble() - 0.5;
        }

        TensorPrimitives.Divide(start, TensorPrimitives.Norm<double>(start), start);
        return start;
    }

    private static void Orthogonalize(double[] w, List<double[]> basis)
    {
        foreach (var q in basis)
        {
            TensorPrimitives.MultiplyAdd(q, -TensorPrimitives.Dot<double>(q, w), w, w);
        }
    }
}
