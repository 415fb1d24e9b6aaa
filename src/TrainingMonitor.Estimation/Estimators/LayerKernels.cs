using System.Numerics;
using System.Runtime.InteropServices;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Loops over layers in vectors. Element by element, so the result does not depend on the vector width; a layer whose inputs are not usable
/// numbers keeps its state.</summary>
internal static class LayerKernels
{
    /// <summary>target = numerator/denominator where the denominator is positive, else NaN.</summary>
    public static void DividePositive(ReadOnlySpan<double> numerator, ReadOnlySpan<double> denominator, Span<double> target)
    {
        var i = 0;
        for (; i <= target.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            var below = new Vector<double>(denominator[i..]);
            var ratio = new Vector<double>(numerator[i..]) / below;
            Vector.ConditionalSelect(Vector.GreaterThan(below, Vector<double>.Zero), ratio, new Vector<double>(double.NaN)).CopyTo(target[i..]);
        }

        for (; i < target.Length; i++)
        {
            target[i] = denominator[i] > 0 ? numerator[i] / denominator[i] : double.NaN;
        }
    }

    /// <summary><see cref="Usable.Is"/> of each.</summary>
    public static Vector<long> AreUsable(Vector<double> values) => Vector.LessThan(Vector.Abs(values), new Vector<double>(Usable.Limit));

    /// <summary>target ← target·d + (1−d)·value where the mask says so.</summary>
    public static void Blend(Span<double> target, Vector<long> good, Vector<double> value, double decay)
    {
        ref var place = ref MemoryMarshal.GetReference(target);
        var old = Vector.LoadUnsafe(ref place);
        Vector.ConditionalSelect(good, (old * decay) + (value * (1 - decay)), old).StoreUnsafe(ref place);
    }
}
