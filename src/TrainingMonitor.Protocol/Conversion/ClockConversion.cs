using System.Buffers.Binary;
using TrainingMonitor.Estimation.Input;

namespace TrainingMonitor.Protocol.Conversion;

/// <summary>Turns the sums of canaries and sentinels into the estimators' types.</summary>
public static class ClockConversion
{
    /// <summary>Bins of the ranks among so many choices.</summary>
    public static int Bins(long choices) => (int)Math.Min(choices, CanarySums.MostBins);

    /// <summary>The canaries of a batch.</summary>
    public static CanarySums Of(V1.CanarySums sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        var counts = new long[sums.RankCounts.Length / sizeof(uint)];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = BinaryPrimitives.ReadUInt32LittleEndian(sums.RankCounts.Span[(i * sizeof(uint))..]);
        }

        return new CanarySums((int)sums.Choices, sums.Canaries, (long)sums.Pass, counts)
        {
            SumLoss = sums.SumLoss,
            SumAdvantage = sums.SumAdvantage,
            SumAdvantageSq = sums.SumAdvantageSq,
            SumPull = sums.SumPull,
            Others = sums.Others,
            OthersSumPull = sums.OthersSumPull,
            TrainCount = (long)sums.TrainCount,
            TrainSumLoss = sums.TrainSumLoss,
        };
    }

    /// <summary>An evaluation of the sentinels.</summary>
    public static SentinelSums Of(V1.SentinelSums sums)
    {
        ArgumentNullException.ThrowIfNull(sums);
        return new SentinelSums(
            new ValueSums(sums.FreshCount, sums.FreshSumLoss, sums.FreshSumLossSq),
            new ValueSums(sums.SeenCount, sums.SeenSumLoss, sums.SeenSumLossSq),
            sums.UnseenEpochs,
            (long)sums.ReferenceStep,
            new ValueSums(sums.PairedCount, sums.SumRise, sums.SumRiseSq));
    }
}
