using System.Runtime.InteropServices;
using Google.Protobuf;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.TorchSharp.Layers;

namespace TrainingMonitor.TorchSharp.Statistics;

/// <summary>The columns of one step: sums of parameters added up over layers, then packed for the wire.</summary>
internal sealed class StepColumns(LayerMap map)
{
    private const int StatisticCount = (int)LayerStatistic.Nonfinite + 1;
    private readonly double[]?[] columns = new double[]?[StatisticCount];
    private readonly bool[] present = new bool[StatisticCount];

    /// <summary>Removes all columns.</summary>
    public void Clear() => Array.Clear(present);

    /// <summary>Whether the column is there.</summary>
    public bool Has(LayerStatistic statistic) => present[(int)statistic];

    /// <summary>The column, made and zeroed where it is not there yet; one value a layer.</summary>
    public double[] Add(LayerStatistic statistic)
    {
        var column = columns[(int)statistic] ??= new double[map.Layers.Count];
        if (!present[(int)statistic])
        {
            Array.Clear(column);
            present[(int)statistic] = true;
        }

        return column;
    }

    /// <summary>Adds a sum of the parameters to a column.</summary>
    public void Add(LayerStatistic statistic, double[] sums, Sum sum)
    {
        var column = Add(statistic);
        for (var p = 0; p < map.Parameters.Count; p++)
        {
            column[map.Parameters[p].Layer] += sums[p * (int)Sum.Count + (int)sum];
        }
    }

    /// <summary>Packs the columns into the report: float64 where a small difference of large sums follows, else float32.</summary>
    public void Write(StepReport report)
    {
        // All columns of a report share one array: they live and die together.
        var bytes = new byte[Size(report)];
        var at = 0;
        for (var s = LayerStatistic.GradSq; s < (LayerStatistic)StatisticCount; s++)
        {
            if (!IsSent(s, report))
            {
                continue;
            }

            var column = columns[(int)s]!;
            var message = new Column { Statistic = s };
            var size = column.Length * Width(s);
            var place = bytes.AsSpan(at, size);
            var packed = UnsafeByteOperations.UnsafeWrap(bytes.AsMemory(at, size));
            at += size;
            if (Width(s) == sizeof(double))
            {
                MemoryMarshal.AsBytes<double>(column).CopyTo(place);
                message.Float64 = packed;
            }
            else
            {
                var narrow = MemoryMarshal.Cast<byte, float>(place);
                for (var i = 0; i < narrow.Length; i++)
                {
                    narrow[i] = (float)column[i];
                }

                message.Float32 = packed;
            }

            report.Columns.Add(message);
        }
    }

    /// <summary>How each column combines over ranks when every rank sees its own examples and all hold the same averaged gradient.</summary>
    public static IEnumerable<ColumnDeclaration> Declarations()
    {
        for (var s = LayerStatistic.GradSq; s <= LayerStatistic.Nonfinite; s++)
        {
            var perExample = s is LayerStatistic.ExampleGradSq or LayerStatistic.SelfSecondMoment or LayerStatistic.GateOpen or LayerStatistic.GateTotal;
            yield return new ColumnDeclaration { Statistic = s, Combination = perExample ? RankCombination.RankLocal : RankCombination.Replicated };
        }
    }

    private int Size(StepReport report)
    {
        var size = 0;
        for (var s = LayerStatistic.GradSq; s < (LayerStatistic)StatisticCount; s++)
        {
            size += IsSent(s, report) ? map.Layers.Count * Width(s) : 0;
        }

        return size;
    }

    // Half of a self term: worth nothing without its per-example part, and refused by the wire contract.
    private bool IsSent(LayerStatistic s, StepReport report) => present[(int)s] && (s != LayerStatistic.SelfMeanSq || report.UnitCount != 0);

    private static int Width(LayerStatistic statistic) => statistic is LayerStatistic.Own or LayerStatistic.Cross or LayerStatistic.SelfSecondMoment
        or LayerStatistic.SelfMeanSq or LayerStatistic.DecayOwn or LayerStatistic.DecayCross ? sizeof(double) : sizeof(float);
}
