namespace TrainingMonitor.Estimation.Input;

/// <summary>One whole step of a run, all ranks and parts combined: the input of every estimator. A buffer that is filled, applied and
/// filled again, so that a step allocates nothing.</summary>
public sealed class StepInput
{
    /// <summary>One above the largest <see cref="LayerStatistic"/>.</summary>
    public const int StatisticCount = (int)LayerStatistic.NonFinite + 1;

    /// <summary>Number of <see cref="StepValue"/>s.</summary>
    public const int ValueCount = (int)StepValue.Samples + 1;

    private readonly double[] values = new double[ValueCount];
    private double[] columns = [];
    private uint present;

    /// <summary>Creates an empty step.</summary>
    public StepInput() => Reset(0);

    /// <summary>Optimizer steps finished before this one.</summary>
    public long Step { get; set; }

    /// <summary>Trainer's clock, nanoseconds since the Unix epoch.</summary>
    public long TimeUnixNs { get; set; }

    /// <summary>Layers of the current table.</summary>
    public int LayerCount { get; private set; }

    /// <summary>Examples in the batch, all ranks; 0: unknown.</summary>
    public long BatchSize { get; set; }

    /// <summary>Units M behind the per-example columns, all ranks; 0: those columns are absent.</summary>
    public long UnitCount { get; set; }

    /// <summary>Examples a unit, at least 1.</summary>
    public long UnitSize { get; set; }

    /// <summary>Marks.</summary>
    public StepFlags Flags { get; set; }

    /// <summary>Bit (int)<see cref="StepValue"/> set: the trainer sent the value as NaN or infinite (an absent value is NaN without its bit).</summary>
    public uint NonFiniteValues { get; set; }

    /// <summary>Whether <see cref="Lag"/> is there.</summary>
    public bool HasLag { get; set; }

    /// <summary>Lag sums of the batch.</summary>
    public LagSums Lag { get; set; }

    /// <summary>Random-label canaries of the batch; null: none.</summary>
    public CanarySums? Canaries { get; set; }

    /// <summary>An evaluation of the withheld examples; null: none at this step.</summary>
    public SentinelSums? Sentinels { get; set; }

    /// <summary>Empties the step for a table of so many layers. Values become NaN, columns absent.</summary>
    public void Reset(int layerCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layerCount);
        if (columns.Length < layerCount * StatisticCount)
        {
            columns = new double[layerCount * StatisticCount];
        }

        LayerCount = layerCount;
        present = 0;
        Step = 0;
        TimeUnixNs = 0;
        BatchSize = 0;
        UnitCount = 0;
        UnitSize = 1;
        Flags = StepFlags.None;
        NonFiniteValues = 0;
        HasLag = false;
        Lag = default;
        Canaries = null;
        Sentinels = null;
        Array.Fill(values, double.NaN);
    }

    /// <summary>Whether the column is there.</summary>
    public bool Has(LayerStatistic statistic) => (present & (1u << (int)statistic)) != 0;

    /// <summary>The column, one value a layer; only where <see cref="Has"/>.</summary>
    public ReadOnlySpan<double> Column(LayerStatistic statistic) =>
        Has(statistic) ? columns.AsSpan((int)statistic * LayerCount, LayerCount) : default;

    /// <summary>Marks the column as there and gives it for filling.</summary>
    public Span<double> AddColumn(LayerStatistic statistic)
    {
        present |= 1u << (int)statistic;
        return columns.AsSpan((int)statistic * LayerCount, LayerCount);
    }

    /// <summary>Takes the column away (a shard is missing).</summary>
    public void RemoveColumn(LayerStatistic statistic) => present &= ~(1u << (int)statistic);

    /// <summary>A value of the step; NaN where absent.</summary>
    public double this[StepValue which]
    {
        get => values[(int)which];
        set => values[(int)which] = value;
    }
}
