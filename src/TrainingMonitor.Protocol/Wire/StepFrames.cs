using Google.Protobuf;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Protocol.Wire;

/// <summary>Reads frames of steps, which are nearly all there are, without copying: the columns of the message are slices of the frame's bytes. Takes only
/// what a client writes; whatever is unusual (an unknown field, a field twice, another wire type) is left to the generated parser, with which this one
/// agrees on every frame it takes.</summary>
internal static class StepFrames
{
    private const int Varint = 0;
    private const int Bytes = 2;
    private static readonly MessageParser<StepValues> Values = StepValues.Parser.WithDiscardUnknownFields(true);
    private static readonly MessageParser<LagSums> Lag = LagSums.Parser.WithDiscardUnknownFields(true);
    private static readonly MessageParser<CanarySums> Canaries = CanarySums.Parser.WithDiscardUnknownFields(true);
    private static readonly MessageParser<SentinelSums> Sentinels = SentinelSums.Parser.WithDiscardUnknownFields(true);

    /// <summary>The frame; null: not for this parser.</summary>
    /// <param name="bytes">A serialized frame; the message keeps it, so it must not change.</param>
    /// <exception cref="InvalidProtocolBufferException">The values of a step are no message: the frame is malformed.</exception>
    public static TrainerFrame? Read(ReadOnlyMemory<byte> bytes)
    {
        var walk = new WireWalk(bytes.Span);
        var sequence = 0UL;
        StepReports? steps = null;
        while (walk.Next())
        {
            switch (walk.Field, walk.WireType)
            {
                case (TrainerFrame.SequenceFieldNumber, Varint):
                    sequence = walk.Value;
                    break;
                case (TrainerFrame.StepsFieldNumber, Bytes) when steps is null:
                    steps = new StepReports();
                    if (!TryReports(bytes.Slice(walk.Offset, walk.Payload.Length), steps))
                    {
                        return null;
                    }

                    break;
                default:
                    return null;
            }
        }

        return walk.Failed || steps is null ? null : new TrainerFrame { Sequence = sequence, Steps = steps };
    }

    private static bool TryReports(ReadOnlyMemory<byte> bytes, StepReports target)
    {
        var walk = new WireWalk(bytes.Span);
        while (walk.Next())
        {
            if (walk.Field != StepReports.ReportsFieldNumber || walk.WireType != Bytes)
            {
                return false;
            }

            var report = new StepReport();
            if (!TryReport(bytes.Slice(walk.Offset, walk.Payload.Length), report))
            {
                return false;
            }

            target.Reports.Add(report);
        }

        return !walk.Failed;
    }

    private static bool TryReport(ReadOnlyMemory<byte> bytes, StepReport target)
    {
        var walk = new WireWalk(bytes.Span);
        while (walk.Next())
        {
            var taken = walk.WireType switch
            {
                Varint => TryNumber(walk.Field, walk.Value, target),
                Bytes => TryMessage(walk.Field, bytes.Slice(walk.Offset, walk.Payload.Length), target),
                _ => false,
            };
            if (!taken)
            {
                return false;
            }
        }

        return !walk.Failed;
    }

    private static bool TryNumber(int field, ulong value, StepReport target)
    {
        // As the generated parser: a longer varint is cut to the width of its field.
        var number = (uint)value;
        switch (field)
        {
            case StepReport.StepFieldNumber: target.Step = value; return true;
            case StepReport.TimeUnixNsFieldNumber: target.TimeUnixNs = (long)value; return true;
            case StepReport.LayerTableVersionFieldNumber: target.LayerTableVersion = number; return true;
            case StepReport.PartIndexFieldNumber: target.PartIndex = number; return true;
            case StepReport.PartCountFieldNumber: target.PartCount = number; return true;
            case StepReport.FirstLayerFieldNumber: target.FirstLayer = number; return true;
            case StepReport.BatchSizeFieldNumber: target.BatchSize = number; return true;
            case StepReport.UnitCountFieldNumber: target.UnitCount = number; return true;
            case StepReport.UnitSizeFieldNumber: target.UnitSize = number; return true;
            case StepReport.EpochSeamFieldNumber: target.EpochSeam = value != 0; return true;
            case StepReport.SkippedFieldNumber: target.Skipped = value != 0; return true;
            case StepReport.PairInvalidFieldNumber: target.PairInvalid = value != 0; return true;
            case StepReport.ExactFieldNumber: target.Exact = value != 0; return true;
            default: return false;
        }
    }

    private static bool TryMessage(int field, ReadOnlyMemory<byte> bytes, StepReport target)
    {
        switch (field)
        {
            case StepReport.ColumnsFieldNumber:
                var column = new Column();
                target.Columns.Add(column);
                return TryColumn(bytes, column);
            case StepReport.ValuesFieldNumber when target.Values is null:
                target.Values = Values.ParseFrom(bytes.Span);
                return true;
            case StepReport.LagFieldNumber when target.Lag is null:
                target.Lag = Lag.ParseFrom(bytes.Span);
                return true;
            case StepReport.CanariesFieldNumber when target.Canaries is null:
                target.Canaries = Canaries.ParseFrom(bytes.Span);
                return true;
            case StepReport.SentinelsFieldNumber when target.Sentinels is null:
                target.Sentinels = Sentinels.ParseFrom(bytes.Span);
                return true;
            default:
                return false;
        }
    }

    private static bool TryColumn(ReadOnlyMemory<byte> bytes, Column target)
    {
        var walk = new WireWalk(bytes.Span);
        while (walk.Next())
        {
            switch (walk.Field, walk.WireType)
            {
                case (Column.StatisticFieldNumber, Varint):
                    target.Statistic = (LayerStatistic)(int)walk.Value;
                    break;
                case (Column.Float32FieldNumber, Bytes):
                    target.Float32 = UnsafeByteOperations.UnsafeWrap(bytes.Slice(walk.Offset, walk.Payload.Length));
                    break;
                case (Column.Float64FieldNumber, Bytes):
                    target.Float64 = UnsafeByteOperations.UnsafeWrap(bytes.Slice(walk.Offset, walk.Payload.Length));
                    break;
                default:
                    return false;
            }
        }

        return !walk.Failed;
    }
}
