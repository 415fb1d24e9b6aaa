using TrainingMonitor.TorchSharp.Probes;

namespace TrainingMonitor.TorchSharp.Tests.Probes;

public sealed class LanczosTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(40, 3)]
    [InlineData(200, 4)]
    public void Finds_the_largest_eigenvalue_of_a_known_matrix(int size, int seed)
    {
        // A = Q·diag·Q with Q = I − 2hhᵀ: eigenvalues are known, some negative and larger in size.
        var random = new Random(seed);
        var h = Enumerable.Range(0, size).Select(_ => random.NextDouble() - 0.5).ToArray();
        var norm = Math.Sqrt(h.Sum(v => v * v));
        var eigen = Enumerable.Range(0, size).Select(i => i == 0 ? -30.0 : 10.0 / i).ToArray();
        var expected = eigen.Max();
        var result = Lanczos.Largest(size, Product, 60, 1e-8, seed: 5);
        result.Value.ShouldBe(expected, 1e-6 * Math.Abs(expected));
        result.Converged.ShouldBeTrue();
        (expected - result.Value).ShouldBeLessThanOrEqualTo(result.Residual + 1e-9);

        void Product(double[] x, double[] y)
        {
            var q = Reflect(x);
            for (var i = 0; i < size; i++)
            {
                q[i] *= eigen[i];
            }

            Reflect(q).CopyTo(y, 0);
        }

        double[] Reflect(double[] x)
        {
            var dot = 2 * x.Zip(h, (a, b) => a * b).Sum() / norm / norm;
            return [.. x.Zip(h, (a, b) => a - dot * b)];
        }
    }

    [Fact]
    public void Too_few_steps_say_so_and_the_bound_holds()
    {
        const int Size = 300;
        var result = Lanczos.Largest(Size, (x, y) => { for (var i = 0; i < Size; i++) { y[i] = x[i] * (1 + (i * 0.01)); } }, 4, 1e-9, seed: 1);
        result.Converged.ShouldBeFalse();
        result.Products.ShouldBe(4);
        result.Value.ShouldBeLessThan(1 + (Size - 1) * 0.01);
        var nearest = Enumerable.Range(0, Size).Min(i => Math.Abs(1 + (i * 0.01) - result.Value));
        nearest.ShouldBeLessThanOrEqualTo(result.Residual + 1e-12);
    }

    [Fact]
    public void Tridiagonal_largest_agrees_with_a_dense_characteristic_polynomial()
    {
        // 3×3: det(A − λI) has its root at the value found, and the eigenvector's last component follows from the recurrence.
        double[] d = [2, -1, 0.5], e = [0.7, 1.3];
        var (value, last) = TridiagonalEigen.Largest(d, e);
        var det = (d[0] - value) * (((d[1] - value) * (d[2] - value)) - (e[1] * e[1])) - (e[0] * e[0] * (d[2] - value));
        det.ShouldBe(0, 1e-12);
        double[] v = [1, (value - d[0]) / e[0], 0];
        v[2] = (((value - d[1]) * v[1]) - (e[0] * v[0])) / e[1];
        last.ShouldBe(Math.Abs(v[2]) / Math.Sqrt(v.Sum(c => c * c)), 1e-10);
    }

    [Fact]
    public void The_krylov_space_gives_orthonormal_eigenvectors_from_the_largest_down()
    {
        const int Size = 30;
        var space = Lanczos.Run(Size, (x, y) => { for (var i = 0; i < Size; i++) { y[i] = x[i] * (i - 10); } }, 60, 1e-12, seed: 3);
        var pairs = space.Pairs().ToList();
        for (var k = 0; k < 5; k++)
        {
            var (value, vector) = pairs[k];
            value.ShouldBe(19 - k, 1e-6);
            Math.Abs(vector[Size - 1 - k]).ShouldBe(1, 1e-6);
            vector.Sum(v => v * v).ShouldBe(1, 1e-9);
        }
    }
}
