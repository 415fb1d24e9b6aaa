using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Protocol.Validation;

namespace TrainingMonitor.Protocol.Wire;

/// <summary>Counts the nested messages of a serialized frame without allocating, so that a small frame cannot become a large object graph.</summary>
internal ref struct FrameScan(FrameLimits limits)
{
    private int layers, declarations, reports, columns, scalars, tags;

    /// <summary>Null, or the limit that the frame exceeds.</summary>
    public FrameError? Check(ReadOnlySpan<byte> frame)
    {
        var walk = new WireWalk(frame);
        while (walk.Next())
        {
            var error = walk.Field switch
            {
                TrainerFrame.HelloFieldNumber => Hello(walk.Payload),
                TrainerFrame.LayerTableFieldNumber => LayerTable(walk.Payload, "layer_table"),
                TrainerFrame.StepsFieldNumber => Steps(walk.Payload),
                TrainerFrame.ScalarsFieldNumber => Scalars(walk.Payload),
                TrainerFrame.DescriptionFieldNumber => Description(walk.Payload, "description"),
                _ => null,
            };
            if (error is not null)
            {
                return error;
            }
        }

        return Malformed(walk);
    }

    private FrameError? Hello(ReadOnlySpan<byte> bytes)
    {
        var walk = new WireWalk(bytes);
        while (walk.Next())
        {
            if (walk.Field == V1.Hello.DescriptionFieldNumber && Description(walk.Payload, "hello.description") is { } error)
            {
                return error;
            }

            if (walk.Field == V1.Hello.LayerTableFieldNumber && LayerTable(walk.Payload, "hello.layer_table") is { } wrong)
            {
                return wrong;
            }
        }

        return Malformed(walk);
    }

    private FrameError? Description(ReadOnlySpan<byte> bytes, string path)
    {
        var walk = new WireWalk(bytes);
        while (walk.Next())
        {
            if (walk.Field is RunDescription.TagsFieldNumber or RunDescription.UnavailableFieldNumber && ++tags > 2 * limits.MaxTags)
            {
                return FrameError.Limit(path, $"more than {limits.MaxTags} tags or {limits.MaxTags} unavailable statistics");
            }
        }

        return Malformed(walk);
    }

    private FrameError? LayerTable(ReadOnlySpan<byte> bytes, string path)
    {
        var walk = new WireWalk(bytes);
        while (walk.Next())
        {
            if (walk.Field == V1.LayerTable.LayersFieldNumber && ++layers > limits.MaxLayers)
            {
                return FrameError.Limit($"{path}.layers", $"more than {limits.MaxLayers} layers; group parameters of one module");
            }

            if (walk.Field == V1.LayerTable.ColumnsFieldNumber && ++declarations > limits.MaxColumns)
            {
                return FrameError.Limit($"{path}.columns", $"more than {limits.MaxColumns} columns");
            }
        }

        return Malformed(walk);
    }

    private FrameError? Steps(ReadOnlySpan<byte> bytes)
    {
        var walk = new WireWalk(bytes);
        while (walk.Next())
        {
            if (walk.Field != StepReports.ReportsFieldNumber)
            {
                continue;
            }

            if (++reports > limits.MaxReports)
            {
                return FrameError.Limit("steps.reports", $"more than {limits.MaxReports} reports in a frame");
            }

            columns = 0;
            if (Report(walk.Payload) is { } error)
            {
                return error;
            }
        }

        return Malformed(walk);
    }

    private FrameError? Report(ReadOnlySpan<byte> bytes)
    {
        var walk = new WireWalk(bytes);
        while (walk.Next())
        {
            if (walk.Field == StepReport.ColumnsFieldNumber && ++columns > limits.MaxColumns)
            {
                return FrameError.Limit($"steps.reports[{reports - 1}].columns", $"more than {limits.MaxColumns} columns");
            }
        }

        return Malformed(walk);
    }

    private FrameError? Scalars(ReadOnlySpan<byte> bytes)
    {
        var walk = new WireWalk(bytes);
        while (walk.Next())
        {
            if (walk.Field == LogScalars.ScalarsFieldNumber && ++scalars > limits.MaxScalars)
            {
                return FrameError.Limit("scalars.scalars", $"more than {limits.MaxScalars} scalars in a frame");
            }
        }

        return Malformed(walk);
    }

    private static FrameError? Malformed(WireWalk walk) =>
        walk.Failed ? FrameError.Invalid("frame", "not a trainmon.v1.TrainerFrame: the bytes are cut off or are no protocol buffer") : null;
}
