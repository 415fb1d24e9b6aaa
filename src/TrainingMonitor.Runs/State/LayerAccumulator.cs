using System.Numerics;
using TrainingMonitor.Estimation;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.State;

/// <summary>Min, max, sum, last and counts for each layer series and layer, indexed [series * layers + layer]. Element-wise, so the results do not depend on the vector width.</summary>
internal sealed class LayerAccumulator
{
    private double[] sum = [];
    private double[] min = [];
    private double[] max = [];
    private double[] last = [];
    private long[] count = [];
    private long[] nonFinite = [];

    public ReadOnlySpan<double> Last => last;

    public void Reset(int layers)
    {
        var length = layers * SeriesCatalog.LayerCount;
        if (sum.Length != length)
        {
            (sum, min, max, last) = (new double[length], new double[length], new double[length], new double[length]);
            (count, nonFinite) = (new long[length], new long[length]);
        }

        Array.Fill(last, double.NaN);
        BeginWindow();
    }

    public void BeginWindow()
    {
        Array.Clear(sum);
        Array.Fill(min, double.PositiveInfinity);
        Array.Fill(max, double.NegativeInfinity);
        Array.Clear(count);
        Array.Clear(nonFinite);
    }

    public void Add(RunAnalysis analysis, StepInput input)
    {
        for (var s = 0; s < SeriesCatalog.LayerCount; s++)
        {
            var series = (LayerSeries)s;
            var values = analysis.LayerValues(series);
            var at = s * values.Length;
            Add(values, at);
            if (Source(series) is { } statistic && input.Has(statistic))
            {
                CountNonFinite(input.Column(statistic), at);
            }
            else
            {
                CountInfinite(values, at);
            }
        }
    }

    public LayerBlock ToBlock(
        int attempt, int segment, long start, long width, long lastStep, long firstTime, int tableVersion, IReadOnlyList<string> names)
    {
        var length = sum.Length;
        var block = new LayerBlock(
            attempt, segment, start, width, lastStep, firstTime, tableVersion, names,
            new int[length], new int[length], new float[length], new float[length], new float[length], new float[length]);
        for (var i = 0; i < length; i++)
        {
            block.Count[i] = (int)Math.Min(count[i], int.MaxValue);
            block.NonFinite[i] = (int)Math.Min(nonFinite[i], int.MaxValue);
            var any = count[i] > 0;
            block.Min[i] = any ? ToSingle(min[i]) : float.NaN;
            block.Max[i] = any ? ToSingle(max[i]) : float.NaN;
            block.Mean[i] = any ? ToSingle(sum[i] / count[i]) : float.NaN;
            block.Last[i] = any ? ToSingle(last[i]) : float.NaN;
        }

        return block;
    }

    public void Save(StateWriter writer)
    {
        writer.Write(sum);
        writer.Write(min);
        writer.Write(max);
        writer.Write(last);
        foreach (var value in count)
        {
            writer.Write(value);
        }

        foreach (var value in nonFinite)
        {
            writer.Write(value);
        }
    }

    public void Load(ref StateReader reader, int layers)
    {
        Reset(layers);
        reader.Read(sum);
        reader.Read(min);
        reader.Read(max);
        reader.Read(last);
        for (var i = 0; i < count.Length; i++)
        {
            count[i] = reader.ReadInt64();
        }

        for (var i = 0; i < nonFinite.Length; i++)
        {
            nonFinite[i] = reader.ReadInt64();
        }
    }

    /// <summary>The column a series is a plain function of: where it came as NaN or infinite, the series is not finite.</summary>
    private static LayerStatistic? Source(LayerSeries series) => series switch
    {
        LayerSeries.GradNorm => LayerStatistic.GradSq,
        LayerSeries.WeightNorm => LayerStatistic.WeightSq,
        LayerSeries.UpdateNorm => LayerStatistic.UpdateSq,
        LayerSeries.MomentumNorm => LayerStatistic.MomentumSq,
        LayerSeries.RmsStaleness => LayerStatistic.RmsStaleness,
        LayerSeries.NonFinite => LayerStatistic.NonFinite,
        _ => null,
    };

    // Finite doubles beyond the range of float32 stay finite.
    private static float ToSingle(double value) => (float)Math.Clamp(value, float.MinValue, float.MaxValue);

    private void Add(ReadOnlySpan<double> values, int at)
    {
        var i = 0;
        for (; i <= values.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            var value = new Vector<double>(values[i..]);
            var finite = Vector.LessThanOrEqual(Vector.Abs(value), new Vector<double>(double.MaxValue));
            if (Vector.EqualsAll(finite, Vector<long>.Zero))
            {
                continue;
            }

            var j = at + i;
            var (low, high) = (new Vector<double>(min, j), new Vector<double>(max, j));
            (new Vector<double>(sum, j) + Vector.ConditionalSelect(finite, value, Vector<double>.Zero)).CopyTo(sum, j);
            Vector.ConditionalSelect(finite & Vector.LessThan(value, low), value, low).CopyTo(min, j);
            Vector.ConditionalSelect(finite & Vector.GreaterThan(value, high), value, high).CopyTo(max, j);
            Vector.ConditionalSelect(finite, value, new Vector<double>(last, j)).CopyTo(last, j);
            (new Vector<long>(count, j) - finite).CopyTo(count, j);
        }

        for (; i < values.Length; i++)
        {
            var (value, j) = (values[i], at + i);
            if (double.IsFinite(value))
            {
                sum[j] += value;
                min[j] = value < min[j] ? value : min[j];
                max[j] = value > max[j] ? value : max[j];
                last[j] = value;
                count[j]++;
            }
        }
    }

    private void CountNonFinite(ReadOnlySpan<double> column, int at)
    {
        var i = 0;
        for (; i <= column.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            var finite = Vector.LessThanOrEqual(Vector.Abs(new Vector<double>(column[i..])), new Vector<double>(double.MaxValue));
            if (!Vector.EqualsAll(finite, Vector<long>.AllBitsSet))
            {
                (new Vector<long>(nonFinite, at + i) - Vector.OnesComplement(finite)).CopyTo(nonFinite, at + i);
            }
        }

        for (; i < column.Length; i++)
        {
            nonFinite[at + i] += double.IsFinite(column[i]) ? 0 : 1;
        }
    }

    private void CountInfinite(ReadOnlySpan<double> values, int at)
    {
        var i = 0;
        for (; i <= values.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            var infinite = Vector.Equals(Vector.Abs(new Vector<double>(values[i..])), new Vector<double>(double.PositiveInfinity));
            if (!Vector.EqualsAll(infinite, Vector<long>.Zero))
            {
                (new Vector<long>(nonFinite, at + i) - infinite).CopyTo(nonFinite, at + i);
            }
        }

        for (; i < values.Length; i++)
        {
            nonFinite[at + i] += double.IsInfinity(values[i]) ? 1 : 0;
        }
    }
}
