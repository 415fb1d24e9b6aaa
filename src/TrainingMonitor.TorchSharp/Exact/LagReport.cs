using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.TorchSharp.Exact;

/// <summary>The five sums of the regression on the lag, and the count.</summary>
internal static class LagReport
{
    /// <summary>Sums over the examples of one batch.</summary>
    public static LagSums From(ReadOnlySpan<double> cross, ReadOnlySpan<double> z)
    {
        var sums = new LagSums { Count = (ulong)cross.Length };
        for (var i = 0; i < cross.Length; i++)
        {
            sums.SumCross += cross[i];
            sums.SumZ += z[i];
            sums.SumCrossZ += cross[i] * z[i];
            sums.SumZSq += z[i] * z[i];
            sums.SumCrossSq += cross[i] * cross[i];
        }

        return sums;
    }
}
