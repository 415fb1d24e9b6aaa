namespace TrainingMonitor.TorchSharp.Probes;

/// <summary>Eigenvalues of a symmetric tridiagonal matrix with the last component of each eigenvector, by the implicit QL method with Wilkinson's shift
/// (Golub and Van Loan, Matrix Computations, §8.3). Lanczos' residual bound needs one row of the eigenvector matrix, so only that is carried where no more is asked for.</summary>
internal static class TridiagonalEigen
{
    private const int MostSweeps = 60;

    /// <summary>The largest eigenvalue and the magnitude of its eigenvector's last component.</summary>
    /// <param name="diagonal">m diagonal elements.</param>
    /// <param name="below">m − 1 elements beside it.</param>
    public static (double Value, double LastComponent) Largest(ReadOnlySpan<double> diagonal, ReadOnlySpan<double> below)
    {
        var n = diagonal.Length;
        var last = new double[n];
        last[n - 1] = 1;
        var d = Diagonalize(diagonal, below, [last]);
        var best = Array.IndexOf(d, d.Max());
        best = best < 0 ? 0 : best; // NaN compares with nothing
        return (d[best], Math.Abs(last[best]));
    }

    /// <summary>All eigenvalues, and the rows of the matrix whose columns are the eigenvectors.</summary>
    public static (double[] Values, double[][] Rows) All(ReadOnlySpan<double> diagonal, ReadOnlySpan<double> below)
    {
        var rows = new double[diagonal.Length][];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = new double[rows.Length];
            rows[i][i] = 1;
        }

        return (Diagonalize(diagonal, below, rows), rows);
    }

    private static double[] Diagonalize(ReadOnlySpan<double> diagonal, ReadOnlySpan<double> below, double[][] rows)
    {
        var n = diagonal.Length;
        double[] d = diagonal.ToArray(), e = new double[n];
        below.CopyTo(e);
        for (var l = 0; l < n; l++)
        {
            for (var sweep = 0; sweep < MostSweeps; sweep++)
            {
                var m = SplitPoint(d, e, l);
                if (m == l)
                {
                    break;
                }

                Sweep(d, e, rows, l, m);
            }
        }

        return d;
    }

    private static int SplitPoint(double[] d, double[] e, int from)
    {
        var m = from;
        while (m < d.Length - 1)
        {
            var scale = Math.Abs(d[m]) + Math.Abs(d[m + 1]);
            if (Math.Abs(e[m]) <= double.BitIncrement(scale) - scale)
            {
                break;
            }

            m++;
        }

        return m;
    }

    private static void Sweep(double[] d, double[] e, double[][] rows, int l, int m)
    {
        var g = (d[l + 1] - d[l]) / (2 * e[l]);
        var r = double.Hypot(g, 1);
        g = d[m] - d[l] + e[l] / (g + Math.CopySign(r, g));
        double s = 1, c = 1, p = 0;
        for (var i = m - 1; i >= l; i--)
        {
            double f = s * e[i], b = c * e[i];
            e[i + 1] = r = double.Hypot(f, g);
            if (r == 0)
            {
                d[i + 1] -= p;
                e[m] = 0;
                return;
            }

            (s, c) = (f / r, g / r);
            g = d[i + 1] - p;
            r = (d[i] - g) * s + 2 * c * b;
            p = s * r;
            d[i + 1] = g + p;
            g = c * r - b;
            foreach (var z in rows)
            {
                (z[i], z[i + 1]) = (c * z[i] - s * z[i + 1], s * z[i] + c * z[i + 1]);
            }
        }

        d[l] -= p;
        e[l] = g;
        e[m] = 0;
    }
}
