using System.Numerics.Tensors;

namespace TrainingMonitor.TorchSharp.Probes;

/// <summary>What Lanczos' method leaves behind: an orthonormal basis in which the operator is tridiagonal.</summary>
/// <param name="result">The largest eigenvalue.</param>
/// <param name="basis">Orthonormal vectors; may hold one more than the matrix has rows.</param>
/// <param name="diagonal">m diagonal elements.</param>
/// <param name="below">At least m − 1 elements beside it.</param>
internal sealed class KrylovSpace(LanczosResult result, IReadOnlyList<double[]> basis, IReadOnlyList<double> diagonal, IReadOnlyList<double> below)
{
    /// <summary>The largest eigenvalue.</summary>
    public LanczosResult Result => result;

    /// <summary>Approximate eigenvalues (Ritz values) from the largest down, with unit vectors. Vectors are made when they are asked for.</summary>
    public IEnumerable<(double Value, double[] Vector)> Pairs()
    {
        var (values, rows) = TridiagonalEigen.All([.. diagonal], [.. below.Take(diagonal.Count - 1)]);
        foreach (var column in Enumerable.Range(0, values.Length).OrderByDescending(i => values[i]))
        {
            var vector = new double[basis[0].Length];
            for (var i = 0; i < rows.Length; i++)
            {
                TensorPrimitives.MultiplyAdd(basis[i], rows[i][column], vector, vector);
            }

            yield return (values[column], vector);
        }
    }

    /// <summary>The largest eigenvalue after so many steps of the method.</summary>
    public double ValueAfter(int steps) => TridiagonalEigen.Largest([.. diagonal.Take(steps)], [.. below.Take(steps - 1)]).Value;

    /// <summary>A unit vector with equal parts of the sharp directions: a start for an operator that is like this one.</summary>
    public double[] SharpStart()
    {
        const int Most = 20;
        var start = new double[basis[0].Length];
        foreach (var (_, vector) in Pairs().TakeWhile(p => p.Value >= 0.5 * Result.Value).Take(Most))
        {
            TensorPrimitives.Add(start, vector, start);
        }

        TensorPrimitives.Divide(start, TensorPrimitives.Norm<double>(start), start);
        return start;
    }
}
