using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TrainingMonitor.TorchSharp.Statistics;

/// <summary>Square roots and reciprocals of float vectors. A division and a square root keep AVX-512 busy for some 30 cycles, which would make the pass over Adam's
/// state bound by arithmetic instead of memory: an estimate of 14 bits and one step of Newton (relative error below 3e-7, a few units in the last place) take a fifth of that.</summary>
internal static class Approximate
{
    // Inside the range where neither the estimate nor its square overflows or is denormal.
    private const float Smallest = 2e-38f, Largest = 1e38f;

    /// <summary>√x for x ≥ 0, up to rounding; below 2e-38 √2e-38, above 1e38 √1e38; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Root(Vector512<float> x)
    {
        if (!Avx512F.IsSupported)
        {
            return Vector512.Sqrt(x);
        }

        // The second operand wins where one is NaN.
        x = Avx512F.Min(Vector512.Create(Largest), Avx512F.Max(Vector512.Create(Smallest), x));
        var estimate = Avx512F.ReciprocalSqrt14(x);
        var root = x * estimate;

        // r ← r + e·(x − r²)/2, with e the estimate of 1/√x: one rounding at the end.
        return Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(-root, root, x), estimate * 0.5f, root);
    }

    /// <summary>1/x, up to rounding, for |x| between 2e-38 and 1e38.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Reciprocal(Vector512<float> x)
    {
        if (!Avx512F.IsSupported)
        {
            return Vector512<float>.One / x;
        }

        var estimate = Avx512F.Reciprocal14(x);
        return Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(-x, estimate, Vector512<float>.One), estimate, estimate);
    }
}
