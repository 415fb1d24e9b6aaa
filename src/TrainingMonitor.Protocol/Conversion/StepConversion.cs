using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using TrainingMonitor.Estimation.Input;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Protocol.Conversion;

/// <summary>Turns the parts of one rank's step into the input of the estimators.</summary>
public static class StepConversion
{
    /// <summary>Fills <paramref name="target"/> with the step of one rank. Layers that no part covers are NaN.</summary>
    /// <param name="target">Emptied and filled.</param>
    /// <param name="parts">All parts of the step, in order; at least one.</param>
    /// <param name="layerCount">Layers of the report's table; 0: the table is unknown and columns are left out.</param>
    /// <exception cref="InvalidDataException">A column does not fit into the table.</exception>
    public static void Fill(StepInput target, IReadOnlyList<StepReport> parts, int layerCount)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(parts);
        var first = parts[0];
        target.Reset(layerCount);
        target.Step = (long)first.Step;
        target.TimeUnixNs = first.TimeUnixNs;
        target.BatchSize = first.BatchSize;
        target.UnitCount = first.UnitCount;
        target.UnitSize = Math.Max(1, first.UnitSize);
        target.Flags = Flags(first);
        if (first.Lag is { } lag)
        {
            target.HasLag = true;
            target.Lag = new Estimation.Input.LagSums(lag.Count, lag.SumCross, lag.SumZ, lag.SumCrossZ, lag.SumZSq, lag.SumCrossSq);
        }

        target.Canaries = first.Canaries is { } canaries ? ClockConversion.Of(canaries) : null;
        target.Sentinels = first.Sentinels is { } sentinels ? ClockConversion.Of(sentinels) : null;
        if (first.Values is { } values)
        {
            StepValueConversion.Fill(target, values);
        }

        if (layerCount == 0)
        {
            return;
        }

        for (var i = 0; i < parts.Count; i++)
        {
            var part = parts[i];
            foreach (var column in part.Columns)
            {
                FillColumn(target, column, (int)part.FirstLayer, parts.Count > 1);
            }
        }
    }

    private static StepFlags Flags(StepReport report) =>
        (report.EpochSeam ? StepFlags.EpochSeam : StepFlags.None)
        | (report.Skipped ? StepFlags.Skipped : StepFlags.None)
        | (report.PairInvalid ? StepFlags.PairInvalid : StepFlags.None)
        | (report.Exact ? StepFlags.Exact : StepFlags.None);

    private static void FillColumn(StepInput target, Column column, int firstLayer, bool inParts)
    {
        var number = (int)column.Statistic;
        var statistic = (Estimation.Input.LayerStatistic)number;
        if (number is <= 0 or >= StepInput.StatisticCount)
        {
            // A statistic of a newer protocol minor: nothing here reads it.
            return;
        }

        var wide = column.ValuesCase == Column.ValuesOneofCase.Float64;
        var bytes = wide ? column.Float64.Span : column.Float32.Span;
        var count = bytes.Length / (wide ? 8 : 4);
        if (firstLayer < 0 || firstLayer > target.LayerCount - count)
        {
            throw new InvalidDataException($"{column.Statistic}: layers {firstLayer}..{firstLayer + (long)count - 1} of a table of {target.LayerCount}.");
        }

        var fresh = !target.Has(statistic);
        var values = target.AddColumn(statistic);
        if (fresh && (inParts || count < values.Length))
        {
            values.Fill(double.NaN);
        }

        Read(bytes, wide, values.Slice(firstLayer, count));
    }

    private static void Read(ReadOnlySpan<byte> bytes, bool wide, Span<double> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            if (wide)
            {
                MemoryMarshal.Cast<byte, double>(bytes).CopyTo(values);
            }
            else
            {
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, float>(bytes), values);
            }

            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            values[i] = wide ? BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]) : BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
        }
    }
}
