using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TrainingMonitor.Estimation.Estimators;

/// <summary>Sums over layers in an order that does not depend on the width of the machine's vectors (four lanes, then left to right), so that
/// a replay on another machine gives the same bits. TensorPrimitives.Sum does not promise that.</summary>
internal static class LayerSum
{
    /// <summary>Σ x.</summary>
    public static double Of(ReadOnlySpan<double> values)
    {
        var lanes = Vector256<double>.Zero;
        var blocks = MemoryMarshal.Cast<double, Vector256<double>>(values);
        foreach (var block in blocks)
        {
            lanes += block;
        }

        var sum = lanes[0] + lanes[1] + lanes[2] + lanes[3];
        foreach (var value in values[(blocks.Length * 4)..])
        {
            sum += value;
        }

        return sum;
    }

    /// <summary>Σ x, NaN where the column is absent (empty) or the table has no layers.</summary>
    public static double OrAbsent(ReadOnlySpan<double> values) => values.IsEmpty ? double.NaN : Of(values);
}
