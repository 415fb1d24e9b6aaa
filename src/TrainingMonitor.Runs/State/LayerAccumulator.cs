using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TrainingMonitor.Estimation;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Estimation.State;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Runs.State;

/// <summary>Min, max, sum, last and counts for each layer series and layer, indexed [series * layers + layer]. Element-wise, so the results do not depend on the vector width.</summary>
internal sealed class LayerAccumulator
{
    // Min and max as a block keeps them: rounding to float32 keeps the order, so it may come before or after.
    private double[] sum = [];
    private float[] min = [];
    private float[] max = [];
    private double[] last = [];

    // Steps without a finite value, and of those the ones that had one that was not. Nearly all steps have all values, and then nothing is counted.
    private int[] missing = [];
    private int[] nonFinite = [];
    private int steps;

    public ReadOnlySpan<double> Last => last;

    public void Reset(int layers)
    {
        var length = layers * SeriesCatalog.LayerCount;
        if (sum.Length != length)
        {
            (sum, min, max, last) = (new double[length], new float[length], new float[length], new double[length]);
            (missing, nonFinite) = (new int[length], new int[length]);
        }

        Array.Fill(last, double.NaN);
        BeginWindow();
    }

    public void BeginWindow()
    {
        Array.Clear(sum);
        Array.Fill(min, float.PositiveInfinity);
        Array.Fill(max, float.NegativeInfinity);
        Array.Clear(missing);
        Array.Clear(nonFinite);
        steps = 0;
    }

    public void Add(RunAnalysis analysis, StepInput input)
    {
        steps++;
        Add(analysis.LayerValues());
        for (var s = 0; s < SeriesCatalog.LayerCount; s++)
        {
            if (Source((LayerSeries)s) is { } statistic && input.Has(statistic))
            {
                CountNonFinite(input.Column(statistic), analysis.LayerValues((LayerSeries)s), s * input.LayerCount);
            }
        }
    }

    public LayerBlock ToBlock(
        int attempt, int segment, long start, long width, long lastStep, long firstTime, int tableVersion, IReadOnlyList<string> names)
    {
        var length = sum.Length;
        var block = new LayerBlock(
            attempt, segment, start, width, lastStep, firstTime, tableVersion, names,
            new int[length], [.. nonFinite], new float[length], new float[length], new float[length], new float[length]);
        for (var i = 0; i < length; i++)
        {
            var count = steps - missing[i];
            block.Count[i] = count;
            block.Min[i] = count > 0 ? Finite(min[i]) : float.NaN;
            block.Max[i] = count > 0 ? Finite(max[i]) : float.NaN;
            block.Mean[i] = count > 0 ? Finite((float)(sum[i] / count)) : float.NaN;
            block.Last[i] = count > 0 ? Finite((float)last[i]) : float.NaN;
        }

        return block;
    }

    public void Save(StateWriter writer)
    {
        writer.Write(steps);
        writer.Write(sum);
        writer.Write(last);
        writer.Write(MemoryMarshal.AsBytes(min.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(max.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(missing.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(nonFinite.AsSpan()));
    }

    public void Load(ref StateReader reader, int layers)
    {
        Reset(layers);
        steps = reader.ReadInt32();
        reader.Read(sum);
        reader.Read(last);
        Read(ref reader, min);
        Read(ref reader, max);
        Read(ref reader, missing);
        Read(ref reader, nonFinite);
    }

    private static void Read<T>(ref StateReader reader, T[] values)
        where T : unmanaged
    {
        var bytes = reader.ReadBytes();
        if (bytes.Length != values.Length * Unsafe.SizeOf<T>())
        {
            throw new InvalidDataException($"A layer window has {bytes.Length} bytes for {values.Length} numbers.");
        }

        bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
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
    private static float Finite(float value) => Math.Clamp(value, float.MinValue, float.MaxValue);

    private void Add(ReadOnlySpan<double> values)
    {
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var (a, b) = (new Vector<double>(values[i..]), new Vector<double>(values[(i + Vector<double>.Count)..]));
            if (AreFinite(a) && AreFinite(b))
            {
                Add(i, a, b);
            }
            else if (AreNaN(a) && AreNaN(b))
            {
                (new Vector<int>(missing, i) + Vector<int>.One).CopyTo(missing, i);
            }
            else
            {
                AddOneByOne(values, i, i + Vector<float>.Count);
            }
        }

        AddOneByOne(values, i, values.Length);
    }

    private void Add(int at, Vector<double> a, Vector<double> b)
    {
        var second = at + Vector<double>.Count;
        (new Vector<double>(sum, at) + a).CopyTo(sum, at);
        (new Vector<double>(sum, second) + b).CopyTo(sum, second);
        a.CopyTo(last, at);
        b.CopyTo(last, second);
        var value = Vector.Narrow(a, b);
        var (low, high) = (new Vector<float>(min, at), new Vector<float>(max, at));
        Vector.ConditionalSelect(Vector.LessThan(value, low), value, low).CopyTo(min, at);
        Vector.ConditionalSelect(Vector.GreaterThan(value, high), value, high).CopyTo(max, at);
    }

    private void AddOneByOne(ReadOnlySpan<double> values, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            if (double.IsFinite(values[i]))
            {
                var value = (float)values[i];
                sum[i] += values[i];
                min[i] = value < min[i] ? value : min[i];
                max[i] = value > max[i] ? value : max[i];
                last[i] = values[i];
            }
            else
            {
                missing[i]++;
                nonFinite[i] += double.IsNaN(values[i]) ? 0 : 1;
            }
        }
    }

    /// <summary>A value that came and was not finite need not make the series infinite (the root of −∞ is NaN); where it does, it is counted already.</summary>
    private void CountNonFinite(ReadOnlySpan<double> column, ReadOnlySpan<double> values, int at)
    {
        var i = 0;
        while (i <= column.Length - Vector<double>.Count && AreFinite(new Vector<double>(column[i..])))
        {
            i += Vector<double>.Count;
        }

        for (; i < column.Length; i++)
        {
            nonFinite[at + i] += double.IsFinite(column[i]) || double.IsInfinity(values[i]) ? 0 : 1;
        }
    }

    private static bool AreFinite(Vector<double> values) => Vector.LessThanOrEqualAll(Vector.Abs(values), new Vector<double>(double.MaxValue));

    private static bool AreNaN(Vector<double> values) => !Vector.EqualsAny(values, values);
}
