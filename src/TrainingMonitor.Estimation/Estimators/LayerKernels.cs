using System.Numerics;
using System.Runtime.InteropServices;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Loops over layers in vectors. Element by element, so the result does not depend on the vector width; a layer whose inputs are not usable
/// numbers keeps its state.</summary>
internal static class LayerKernels
{
    private static readonly Vector<double> Limit = new(Usable.Limit);

    /// <summary>Two averages that share their weight: first ← first·d + (1−d)(m.A x + m.B y), second ← second·d + (1−d)(m.C x + m.D y).</summary>
    public static void AddLinearPair(
        ReadOnlySpan<double> x, ReadOnlySpan<double> y, (double A, double B, double C, double D) m, Span<double> first, Span<double> second, Span<double> weight, double decay)
    {
        var width = Vector<double>.Count;
        var i = 0;
        for (; i <= x.Length - width; i += width)
        {
            var vx = new Vector<double>(x[i..]);
            var vy = new Vector<double>(y[i..]);
            var good = Good(vx) & Good(vy);
            Blend(first[i..], good, (vx * m.A) + (vy * m.B), decay);
            Blend(second[i..], good, (vx * m.C) + (vy * m.D), decay);
            Blend(weight[i..], good, Vector<double>.One, decay);
        }

        for (; i < x.Length; i++)
        {
            if (Usable.Is(x[i]) && Usable.Is(y[i]))
            {
                first[i] = (first[i] * decay) + (((x[i] * m.A) + (y[i] * m.B)) * (1 - decay));
                second[i] = (second[i] * decay) + (((x[i] * m.C) + (y[i] * m.D)) * (1 - decay));
                weight[i] = (weight[i] * decay) + (1 * (1 - decay));
            }
        }
    }

    /// <summary>target = numerator/denominator where the denominator is positive, else NaN.</summary>
    public static void DividePositive(ReadOnlySpan<double> numerator, ReadOnlySpan<double> denominator, Span<double> target)
    {
        for (var i = 0; i < target.Length; i++)
        {
            target[i] = denominator[i] > 0 ? numerator[i] / denominator[i] : double.NaN;
        }
    }

    private static Vector<long> Good(Vector<double> x) => Vector.LessThan(Vector.Abs(x), Limit);

    private static void Blend(Span<double> target, Vector<long> good, Vector<double> value, double decay)
    {
        ref var place = ref MemoryMarshal.GetReference(target);
        var old = Vector.LoadUnsafe(ref place);
        Vector.ConditionalSelect(good, (old * decay) + (value * (1 - decay)), old).StoreUnsafe(ref place);
    }
}
