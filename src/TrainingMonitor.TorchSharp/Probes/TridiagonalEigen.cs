namespace TrainingMonitor.TorchSharp.Probes;

/// <summary>Eigenvalues of a symmetric tridiagonal matrix with the last component of each eigenvector, by the implicit QL method with Wilkinson's shift
/// (Golub and Van Loan, Matrix Computations, §8.3). Only one row of the eigenvector matrix is carried, which is all that Lanczos' residual bound needs.</summary>
internal static class TridiagonalEigen
{
    private const int MostSweeps = 60;

    /// <summary>The largest eigenvalue and the magnitude of its eigenvector's last component.</summary>
    /// <param name="diagonal">m diagonal elements.</param>
    /// <param name="below">m − 1 elements beside it.</param>
    public static (double Value, double LastComponent) Largest(ReadOnlySpan<double> diagonal, ReadOnlySpan<double> below)
    {
        var n = diagonal.Length;
        double[] d = diagonal.ToArray(), e = new double[n], z = new double[n];
        below.CopyTo(e);
        z[n - 1] = 1;
        for (var l = 0; l < n; l++)
        {
            for (var sweep = 0; sweep < MostSweeps; sweep++)
            {
                var m = SplitPoint(d, e, l);
                if (m == l)
                {
                    break;
                }

                Sweep(d, e, z, l, m);
            }
        }

        var best = 0;
        for (var i = 1; i < n; i++)
        {
            best = d[i] > d[best] ? i : best;
        }

        return (d[best], Math.Abs(z[best]));
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

    private static void Sweep(double[] d, double[] e, double[] z, int l, int m)
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
            (z[i], z[i + 1]) = (c * z[i] - s * z[i + 1], s * z[i] + c * z[i + 1]);
        }

        d[l] -= p;
        e[l] = g;
        e[m] = 0;
    }
}
