using TrainingMonitor.Protocol.Conversion;
using TrainingMonitor.Protocol.V1;
using static TrainingMonitor.Protocol.Validation.FrameError;

namespace TrainingMonitor.Protocol.Validation;

/// <summary>Rules of the sums of canaries and sentinels. Losses may be anything, NaN too; sums of squares must not be negative.</summary>
internal static class ClockRules
{
    /// <summary>Most classes: a rank is then still exact in every number it passes through.</summary>
    private const uint MaxClasses = 1 << 30;

    /// <summary>Null, or why the canaries are refused.</summary>
    public static FrameError? Check(CanarySums sums, int report)
    {
        var path = $"steps.reports[{report}].canaries";
        if (sums.Classes is < 2 or > MaxClasses)
        {
            return Invalid($"{path}.classes", $"{sums.Classes}, 2 to 2^30 classes are wanted");
        }

        var bins = ClockConversion.Bins(sums.Classes);
        if (sums.RankCounts.Length != bins * sizeof(uint))
        {
            return Invalid($"{path}.rank_counts", $"{sums.RankCounts.Length} bytes, {bins * sizeof(uint)} wanted for {bins} bins");
        }

        var count = ClockConversion.Of(sums).Count;
        return count > sums.Canaries ? Invalid($"{path}.rank_counts", $"{count} canaries of {sums.Canaries}")
            : NumberRules.Count(sums.Pass) is { } pass ? Invalid($"{path}.pass", pass)
            : Square(sums.SumAdvantageSq, $"{path}.sum_advantage_sq");
    }

    /// <summary>Null, or why the sentinels are refused.</summary>
    public static FrameError? Check(SentinelSums sums, int report)
    {
        var path = $"steps.reports[{report}].sentinels";
        if (sums.PairedCount > sums.FreshCount)
        {
            return Invalid($"{path}.paired_count", $"{sums.PairedCount}, at most fresh_count {sums.FreshCount} is wanted");
        }

        return (NumberRules.Count(sums.ReferenceStep) is { } step ? Invalid($"{path}.reference_step", step) : null)
            ?? Square(sums.FreshSumLossSq, $"{path}.fresh_sum_loss_sq")
            ?? Square(sums.SeenSumLossSq, $"{path}.seen_sum_loss_sq")
            ?? Square(sums.SumRiseSq, $"{path}.sum_rise_sq");
    }

    private static FrameError? Square(double value, string path) => value < 0 ? Invalid(path, $"{value}, a sum of squares of at least 0 is wanted") : null;
}
