using System.Numerics.Tensors;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Protocol.V1;
using LayerStatistic = TrainingMonitor.Estimation.Input.LayerStatistic;

namespace TrainingMonitor.Runs.State;

/// <summary>Compares replicated columns over ranks. Values agree within 1e-5 of their size plus 1e-6 of the largest of their column:
/// what reductions in another order do to float32 sums, and to small differences of large ones.</summary>
internal sealed class RankDisagreements
{
    private const double Relative = 1e-5;
    private const double OfColumn = 1e-6;
    private readonly double[] scale = new double[StepInput.StatisticCount];
    private double[] smallest = [];
    private double[] largest = [];
    private int[] numbers = [];
    private readonly int[] ranks = new int[StepInput.StatisticCount];
    private int layers;

    public List<RankDisagreement> Found { get; } = [];

    public void Clear() => Found.Clear();

    public void Begin(StepInput first, ReadOnlySpan<RankCombination> combinations)
    {
        Array.Clear(ranks);
        layers = first.LayerCount;
        if (smallest.Length < layers * StepInput.StatisticCount)
        {
            smallest = new double[layers * StepInput.StatisticCount];
            largest = new double[layers * StepInput.StatisticCount];
            numbers = new int[layers * StepInput.StatisticCount];
        }

        Add(first, combinations);
    }

    public void Add(StepInput step, ReadOnlySpan<RankCombination> combinations)
    {
        for (var s = 1; s < StepInput.StatisticCount; s++)
        {
            if (combinations[s] != RankCombination.Replicated || !step.Has((LayerStatistic)s))
            {
                continue;
            }

            var column = step.Column((LayerStatistic)s);
            var low = smallest.AsSpan(s * layers, layers);
            var high = largest.AsSpan(s * layers, layers);
            if (ranks[s]++ == 0)
            {
                column.CopyTo(low);
                column.CopyTo(high);
                numbers.AsSpan(s * layers, layers).Clear();
                scale[s] = 0;
            }
            else
            {
                TensorPrimitives.MinNumber(low, column, low);
                TensorPrimitives.MaxNumber(high, column, high);
            }

            Count(column, numbers.AsSpan(s * layers, layers));
            scale[s] = Math.Max(scale[s], TensorPrimitives.MaxMagnitudeNumber(column));
        }
    }

    public void Finish()
    {
        for (var s = 1; s < StepInput.StatisticCount; s++)
        {
            if (ranks[s] == 0)
            {
                continue;
            }

            var low = smallest.AsSpan(s * layers, layers);
            var high = largest.AsSpan(s * layers, layers);
            var (worst, excess) = (-1, 1.0);
            for (var i = 0; i < layers; i++)
            {
                var some = numbers[(s * layers) + i];
                var ratio = some > 0 && some < ranks[s] ? double.PositiveInfinity : Excess(low[i], high[i], scale[s]);
                if (ratio > excess)
                {
                    (worst, excess) = (i, ratio);
                }
            }

            if (worst >= 0)
            {
                Found.Add(new RankDisagreement((LayerStatistic)s, worst, low[worst], high[worst]));
            }
        }
    }

    // Distance over what is tolerated. NaN on all ranks is agreement, NaN on some is not.
    private static double Excess(double low, double high, double scale)
    {
        if (low.Equals(high))
        {
            return 0;
        }

        if (!double.IsFinite(low) || !double.IsFinite(high))
        {
            return double.PositiveInfinity;
        }

        var tolerated = (Relative * Math.Max(Math.Abs(low), Math.Abs(high))) + (OfColumn * (double.IsFinite(scale) ? scale : 0));
        return (high - low) / Math.Max(tolerated, double.Epsilon);
    }

    private static void Count(ReadOnlySpan<double> column, Span<int> numbers)
    {
        for (var i = 0; i < column.Length; i++)
        {
            numbers[i] += double.IsNaN(column[i]) ? 0 : 1;
        }
    }
}
