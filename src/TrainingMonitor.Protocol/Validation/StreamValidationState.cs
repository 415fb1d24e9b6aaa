using TrainingMonitor.Estimation.State;
using TrainingMonitor.Protocol.V1;
using static TrainingMonitor.Protocol.Validation.FrameError;

namespace TrainingMonitor.Protocol.Validation;

/// <summary>
/// Judges a frame by the frames of the same (run, attempt, rank) before it: the layer table it was made with, the columns declared there, stamps that
/// grow, parts that follow each other. Ask it once for each frame, in order of sequence, where the frame is applied; duplicates and frames behind a
/// gap must not reach it. A refused frame leaves it as it was. A value: copy it to try, keep it in a snapshot. Allocates nothing for good steps.
/// </summary>
/// <remarks>A stamp must lie after the stamp of the step report before it. A jump ahead is taken, whatever its size: it is the trainer's clock.</remarks>
public struct StreamValidationState : IEquatable<StreamValidationState>
{
    private long version;
    private int layers;
    private StatisticSet declared;
    private long lastStamp;
    private OpenStep open;

    /// <summary>Version of the newest layer table; 0 before the first.</summary>
    public readonly long TableVersion => version;

    /// <summary>True between the parts of a step.</summary>
    public readonly bool StepOpen => open.IsOpen;

    /// <summary>Null, or why the frame is refused. The frame has passed <see cref="FrameValidator"/>.</summary>
    public FrameError? Accept(TrainerFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        return frame.BodyCase switch
        {
            TrainerFrame.BodyOneofCase.Hello => Invalid("hello", "only the first frame of a stream is a Hello"),
            TrainerFrame.BodyOneofCase.LayerTable => Accept(frame.LayerTable),
            TrainerFrame.BodyOneofCase.Steps => Accept(frame.Steps),
            TrainerFrame.BodyOneofCase.Goodbye when open.IsOpen => Invalid("goodbye", open.Missing),
            _ => null,
        };
    }

    /// <summary>Writes the state.</summary>
    public readonly void Write(StateWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write(version);
        writer.Write(layers);
        writer.Write((long)declared.Bits);
        writer.Write(lastStamp);
        open.Write(writer);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes end early.</exception>
    public static StreamValidationState Read(ref StateReader reader) => new()
    {
        version = reader.ReadInt64(),
        layers = reader.ReadInt32(),
        declared = new((ulong)reader.ReadInt64()),
        lastStamp = reader.ReadInt64(),
        open = OpenStep.Read(ref reader),
    };

    /// <inheritdoc/>
    public readonly bool Equals(StreamValidationState other) =>
        version == other.version && layers == other.layers && declared == other.declared && lastStamp == other.lastStamp && open == other.open;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is StreamValidationState other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(version, layers, declared, lastStamp, open);

    /// <summary>Equal states.</summary>
    public static bool operator ==(StreamValidationState left, StreamValidationState right) => left.Equals(right);

    /// <summary>Unequal states.</summary>
    public static bool operator !=(StreamValidationState left, StreamValidationState right) => !left.Equals(right);

    private FrameError? Accept(LayerTable table)
    {
        if (open.IsOpen)
        {
            return Invalid("layer_table", open.Missing);
        }

        if (table.Version <= version)
        {
            return Invalid("layer_table.version", $"{table.Version}, above {version} is wanted");
        }

        version = table.Version;
        layers = table.Layers.Count;
        declared = default;
        for (var i = 0; i < table.Columns.Count; i++)
        {
            if (StatisticSet.IsKnown(table.Columns[i].Statistic))
            {
                declared = declared.With(table.Columns[i].Statistic);
            }
        }

        return null;
    }

    private FrameError? Accept(StepReports steps)
    {
        var next = this;
        for (var i = 0; i < steps.Reports.Count; i++)
        {
            if (next.Accept(steps.Reports[i], i) is { } error)
            {
                return error;
            }
        }

        this = next;
        return null;
    }

    private FrameError? Accept(StepReport report, int index)
    {
        if (!open.IsOpen && report.TimeUnixNs <= lastStamp)
        {
            return Invalid($"steps.reports[{index}].time_unix_ns", $"{report.TimeUnixNs}, above the stamp {lastStamp} of the report before is wanted");
        }

        if (report.Columns.Count > 0 && report.LayerTableVersion != version)
        {
            return Invalid($"steps.reports[{index}].layer_table_version", $"{report.LayerTableVersion}, the newest layer table is {version}");
        }

        var columns = default(StatisticSet);
        for (var c = 0; c < report.Columns.Count; c++)
        {
            var statistic = report.Columns[c].Statistic;
            if (!StatisticSet.IsKnown(statistic))
            {
                continue;
            }

            if (!declared.Contains(statistic))
            {
                return Invalid($"steps.reports[{index}].columns[{c}].statistic", $"{statistic} is not declared in layer table {version}");
            }

            columns = columns.With(statistic);
        }

        lastStamp = report.TimeUnixNs;
        return open.Accept(report, index, columns, layers);
    }
}
