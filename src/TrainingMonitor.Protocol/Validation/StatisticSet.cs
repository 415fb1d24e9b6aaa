using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Protocol.Validation;

/// <summary>A set of the statistics this code knows, as bits.</summary>
internal readonly record struct StatisticSet(ulong Bits)
{
    private const LayerStatistic Last = LayerStatistic.Nonfinite;

    /// <summary>Statistics that count coordinates.</summary>
    public static StatisticSet Counts { get; } = Of(
        LayerStatistic.GateOpen, LayerStatistic.GateTotal, LayerStatistic.GateOpenProxy, LayerStatistic.GateTotalProxy, LayerStatistic.Nonfinite);

    /// <summary>Statistics that exist only with unit_count above 0.</summary>
    public static StatisticSet OfUnits { get; } = Of(LayerStatistic.ExampleGradSq, LayerStatistic.SelfSecondMoment, LayerStatistic.SelfMeanSq);

    /// <summary>A newer client may send statistics that this code does not know; they are ignored.</summary>
    public static bool IsKnown(LayerStatistic statistic) => statistic is > LayerStatistic.Unspecified and <= Last;

    public static StatisticSet Of(params ReadOnlySpan<LayerStatistic> statistics)
    {
        var set = default(StatisticSet);
        foreach (var statistic in statistics)
        {
            set = set.With(statistic);
        }

        return set;
    }

    public bool Contains(LayerStatistic statistic) => (Bits & (1UL << (int)statistic)) != 0;

    public StatisticSet With(LayerStatistic statistic) => new(Bits | (1UL << (int)statistic));

    public StatisticSet Intersect(StatisticSet other) => new(Bits & other.Bits);

    public bool IsEmpty => Bits == 0;

    /// <summary>The statistic with the smallest number; the set must not be empty.</summary>
    public LayerStatistic First => (LayerStatistic)System.Numerics.BitOperations.TrailingZeroCount(Bits);
}
