using System.Runtime.InteropServices;
using TrainingMonitor.Protocol.V1;
using static TrainingMonitor.Protocol.Validation.FrameError;

namespace TrainingMonitor.Protocol.Validation;

/// <summary>Rules of step reports, each by itself.</summary>
internal sealed class StepRules(FrameLimits limits)
{
    /// <summary>Null, or why the batch is refused.</summary>
    public FrameError? Check(StepReports steps)
    {
        if (steps.Reports.Count == 0)
        {
            return Invalid("steps.reports", "empty");
        }

        if (steps.Reports.Count > limits.MaxReports)
        {
            return Limit("steps.reports", $"{steps.Reports.Count} reports, at most {limits.MaxReports} are taken");
        }

        for (var i = 0; i < steps.Reports.Count; i++)
        {
            if (Report(steps.Reports[i], i) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    /// <summary>Number of values in a column; -1 where it has none or its bytes are no whole number of values.</summary>
    public static int Length(Column column) => column.ValuesCase switch
    {
        Column.ValuesOneofCase.Float32 when column.Float32.Length % sizeof(float) == 0 => column.Float32.Length / sizeof(float),
        Column.ValuesOneofCase.Float64 when column.Float64.Length % sizeof(double) == 0 => column.Float64.Length / sizeof(double),
        _ => -1,
    };

    /// <summary>Path of a column's values.</summary>
    public static string PathOf(Column column, int report, int index) => column.ValuesCase switch
    {
        Column.ValuesOneofCase.Float32 => $"steps.reports[{report}].columns[{index}].float32",
        Column.ValuesOneofCase.Float64 => $"steps.reports[{report}].columns[{index}].float64",
        _ => $"steps.reports[{report}].columns[{index}].values",
    };

    private FrameError? Report(StepReport report, int index)
    {
        if (NumberRules.Count(report.Step) is { } step)
        {
            return Invalid($"steps.reports[{index}].step", step);
        }

        if (NumberRules.Stamp(report.TimeUnixNs) is { } stamp)
        {
            return Invalid($"steps.reports[{index}].time_unix_ns", stamp);
        }

        if (report.PartCount > limits.MaxParts)
        {
            return Limit($"steps.reports[{index}].part_count", $"{report.PartCount} parts, at most {limits.MaxParts} are taken");
        }

        if (report.PartIndex >= Math.Max(report.PartCount, 1))
        {
            return Invalid($"steps.reports[{index}].part_index", $"{report.PartIndex}, below part_count {Math.Max(report.PartCount, 1)} is wanted");
        }

        if (report.PartIndex > 0 && (report.Values is not null || report.Lag is not null || report.Canaries is not null || report.Sentinels is not null || report.BatchSize != 0 || report.UnitCount != 0))
        {
            return Invalid($"steps.reports[{index}]", "values, lag, canaries, sentinels, batch_size and unit_count belong to part 0 only");
        }

        return Columns(report, index)
            ?? (report.Values is null ? null : StepValueRules.Check(report.Values, index))
            ?? (report.Lag is null ? null : StepValueRules.Check(report.Lag, index))
            ?? (report.Canaries is null ? null : ClockRules.Check(report.Canaries, index))
            ?? (report.Sentinels is null ? null : ClockRules.Check(report.Sentinels, index));
    }

    private FrameError? Columns(StepReport report, int index)
    {
        if (report.Columns.Count > limits.MaxColumns)
        {
            return Limit($"steps.reports[{index}].columns", $"{report.Columns.Count} columns, at most {limits.MaxColumns} are taken");
        }

        if (report.Columns.Count > 0 && report.LayerTableVersion == 0)
        {
            return Invalid($"steps.reports[{index}].layer_table_version", "0, but the report has columns");
        }

        var seen = default(StatisticSet);
        for (var c = 0; c < report.Columns.Count; c++)
        {
            if (Check(report, index, c, seen) is { } error)
            {
                return error;
            }

            if (StatisticSet.IsKnown(report.Columns[c].Statistic))
            {
                seen = seen.With(report.Columns[c].Statistic);
            }
        }

        var ofUnits = seen.Intersect(StatisticSet.OfUnits);
        return report.PartIndex == 0 && report.UnitCount == 0 && !ofUnits.IsEmpty
            ? Invalid($"steps.reports[{index}].unit_count", $"0, but the column {ofUnits.First} is there")
            : null;
    }

    private FrameError? Check(StepReport report, int index, int c, StatisticSet seen)
    {
        var column = report.Columns[c];
        if (column.Statistic == LayerStatistic.Unspecified)
        {
            return Invalid($"steps.reports[{index}].columns[{c}].statistic", "not given");
        }

        var length = Length(column);
        if (length < 0)
        {
            var bytes = Math.Max(column.Float32.Length, column.Float64.Length);
            return Invalid(PathOf(column, index, c), column.ValuesCase == Column.ValuesOneofCase.None ? "not given" : $"{bytes} bytes are no whole number of values");
        }

        if (c > 0 && length != Length(report.Columns[0]))
        {
            var layers = Length(report.Columns[0]);
            var size = column.ValuesCase == Column.ValuesOneofCase.Float32 ? sizeof(float) : sizeof(double);
            return Invalid(PathOf(column, index, c), $"{length * size} bytes, {layers * size} wanted for {layers} layers, as columns[0]");
        }

        if ((long)report.FirstLayer + length > limits.MaxLayers)
        {
            return Limit(PathOf(column, index, c), $"layers {report.FirstLayer} to {report.FirstLayer + (long)length - 1}, at most {limits.MaxLayers} layers are taken");
        }

        if (!StatisticSet.IsKnown(column.Statistic))
        {
            return null;
        }

        if (seen.Contains(column.Statistic))
        {
            return Invalid($"steps.reports[{index}].columns[{c}].statistic", $"{column.Statistic} is there twice");
        }

        return StatisticSet.Counts.Contains(column.Statistic) && FirstNegative(column) is var negative and >= 0
            ? Invalid($"{PathOf(column, index, c)}[{negative}]", $"a negative {column.Statistic}; it is a count")
            : null;
    }

    private static int FirstNegative(Column column) => column.ValuesCase == Column.ValuesOneofCase.Float32
        ? MemoryMarshal.Cast<byte, float>(column.Float32.Span).IndexOfAnyInRange(float.NegativeInfinity, -float.Epsilon)
        : MemoryMarshal.Cast<byte, double>(column.Float64.Span).IndexOfAnyInRange(double.NegativeInfinity, -double.Epsilon);
}
