using TrainingMonitor.Estimation.State;
using TrainingMonitor.Protocol.V1;
using static TrainingMonitor.Protocol.Validation.FrameError;

namespace TrainingMonitor.Protocol.Validation;

/// <summary>How far the parts of the newest step have come.</summary>
internal record struct OpenStep
{
    private ulong step;
    private long stamp;
    private uint part, parts;
    private int nextLayer;
    private StatisticSet columns;

    /// <summary>Parts are missing.</summary>
    public readonly bool IsOpen => part < parts;

    /// <summary>What is missing, in words.</summary>
    public readonly string Missing => $"part {part} of {parts} of step {step} must come first";

    /// <summary>Takes the next part, or a whole step. A whole step without columns is fine.</summary>
    public FrameError? Accept(StepReport report, int index, StatisticSet reportColumns, int layers)
    {
        if (IsOpen && (report.Step != step || report.PartIndex != part || report.PartCount != parts))
        {
            return Invalid($"steps.reports[{index}]", $"part {report.PartIndex} of step {report.Step}, but {Missing}");
        }

        if (IsOpen && report.TimeUnixNs != stamp)
        {
            return Invalid($"steps.reports[{index}].time_unix_ns", $"{report.TimeUnixNs}, but part 0 of the step has {stamp}");
        }

        if (IsOpen && reportColumns != columns)
        {
            return Invalid($"steps.reports[{index}].columns", "not the statistics of part 0");
        }

        if (!IsOpen)
        {
            if (report.PartIndex > 0)
            {
                return Invalid($"steps.reports[{index}].part_index", $"{report.PartIndex}, but part 0 of step {report.Step} has not come");
            }

            (step, stamp, part, parts, nextLayer, columns) = (report.Step, report.TimeUnixNs, 0, Math.Max(report.PartCount, 1), 0, reportColumns);
        }

        return Advance(report, index, layers);
    }

    public readonly void Write(StateWriter writer)
    {
        writer.Write((long)step);
        writer.Write(stamp);
        writer.Write((int)part);
        writer.Write((int)parts);
        writer.Write(nextLayer);
        writer.Write((long)columns.Bits);
    }

    public static OpenStep Read(ref StateReader reader) => new()
    {
        step = (ulong)reader.ReadInt64(),
        stamp = reader.ReadInt64(),
        part = (uint)reader.ReadInt32(),
        parts = (uint)reader.ReadInt32(),
        nextLayer = reader.ReadInt32(),
        columns = new((ulong)reader.ReadInt64()),
    };

    private FrameError? Advance(StepReport report, int index, int layers)
    {
        if (report.FirstLayer != nextLayer)
        {
            return Invalid($"steps.reports[{index}].first_layer", $"{report.FirstLayer}, {nextLayer} is wanted");
        }

        part++;
        if (report.Columns.Count == 0)
        {
            return null;
        }

        var length = StepRules.Length(report.Columns[0]);
        nextLayer += length;
        if (nextLayer <= layers && (IsOpen || nextLayer == layers))
        {
            return null;
        }

        var size = report.Columns[0].ValuesCase == Column.ValuesOneofCase.Float32 ? sizeof(float) : sizeof(double);
        return parts == 1
            ? Invalid(StepRules.PathOf(report.Columns[0], index, 0), $"{length * size} bytes, {layers * size} wanted for {layers} layers")
            : Invalid(StepRules.PathOf(report.Columns[0], index, 0), $"{length} values from layer {report.FirstLayer} in part {report.PartIndex} of {parts}, but the table has {layers} layers");
    }
}
