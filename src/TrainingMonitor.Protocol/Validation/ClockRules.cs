using TrainingMonitor.Protocol.Conversion;
using TrainingMonitor.Protocol.V1;
using static TrainingMonitor.Protocol.Validation.FrameError;

namespace TrainingMonitor.Protocol.Validation;

/// <summary>Rules of the sums of canaries and sentinels. Losses may be anything, NaN too; sums of squares must not be negative.</summary>
internal static class ClockRules
{
    /// <summary>Most choices: a rank is then still exact in every number it passes through.</summary>
    private const uint MaxChoices = 1 << 30;

    /// <summary>Null, or why the canaries are refused.</summary>
    public static FrameError? Check(CanarySums sums, int report)
    {
        var path = $"steps.reports[{report}].canaries";
        if (sums.Choices is < 2 or > MaxChoices)
        {
            return Invalid($"{path}.choices", $"{sums.Choices}, 2 to 2^30 are wanted");
        }

        var bins = ClockConversion.Bins(sums.Choices);
        if (sums.RankCounts.Length != bins * sizeof(uint))
        {
            return Invalid($"{path}.rank_counts", $"{sums.RankCounts.Length} bytes, {bins * sizeof(uint)} wanted for {bins} bins");
        }

        var count = ClockConversion.Of(sums).Count;
        return count > sums.Canaries ? Invalid($"{path}.rank_counts", $"{count} canaries of {sums.Canaries}")
            : NumberRules.Count(sums.Pass) is { } pass ? Invalid($"{path}.pass", pass)
            : NumberRules.Count(sums.TrainCount) is { } train ? Invalid($"{path}.train_count", train)
            : Square(sums.SumAdvantageSq, $"{path}.sum_advantage_sq")
                ?? Square(sums.OthersSumPull, $"{path}.others_sum_pull");
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
