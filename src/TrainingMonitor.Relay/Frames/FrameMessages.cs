using System.Text.Json;
using Google.Protobuf;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Relay.Frames;

/// <summary>Reads the contract's messages out of frames.</summary>
internal static class FrameMessages
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private static readonly Dictionary<string, LayerStatistic> Statistics = StatisticsReflection.Descriptor.EnumTypes
        .Single(type => type.Name == nameof(LayerStatistic)).Values.ToDictionary(value => value.Name, value => (LayerStatistic)value.Number, StringComparer.Ordinal);

    /// <summary>The message under a name of the header.</summary>
    /// <exception cref="FrameException">It is not there or is no such message.</exception>
    public static T Read<T>(RelayFrame frame, string name)
        where T : IMessage, new()
    {
        try
        {
            return Parser.Parse<T>(frame.Object(name));
        }
        catch (Exception error) when (error is InvalidProtocolBufferException or InvalidOperationException or OverflowException)
        {
            throw new FrameException($"'{name}' of a frame '{frame.Type}' is no {typeof(T).Name}: {error.Message}", error);
        }
    }

    /// <summary>A step with its columns out of the body.</summary>
    /// <exception cref="FrameException">The columns do not fill the body.</exception>
    public static StepReport ReadStep(RelayFrame frame)
    {
        var report = Read<StepReport>(frame, "report");
        if (!frame.Header.TryGetProperty("columns", out var columns))
        {
            return report;
        }

        if (columns.ValueKind != JsonValueKind.Array)
        {
            throw new FrameException("'columns' of a step is no list");
        }

        var at = 0;
        foreach (var entry in columns.EnumerateArray())
        {
            at += AddColumn(report, entry, frame.Body[at..]);
        }

        return at == frame.Body.Length ? report : throw new FrameException($"the columns of a step say {at} bytes, its body has {frame.Body.Length}");
    }

    private static int AddColumn(StepReport report, JsonElement entry, ReadOnlyMemory<byte> body)
    {
        if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty("statistic", out var name) || name.ValueKind != JsonValueKind.String)
        {
            throw new FrameException("a column without a statistic");
        }

        var wide = entry.TryGetProperty("float64", out var count);
        if ((!wide && !entry.TryGetProperty("float32", out count)) || count.ValueKind != JsonValueKind.Number || !count.TryGetUInt32(out var values))
        {
            throw new FrameException($"column {name.GetString()} without the number of its values");
        }

        var bytes = values * (wide ? 8L : 4L);
        if (bytes > body.Length)
        {
            throw new FrameException($"column {name.GetString()} says {bytes} bytes, the body has {body.Length} left");
        }

        // A statistic of a newer client is passed over.
        if (Statistics.TryGetValue(name.GetString()!, out var statistic))
        {
            var packed = ByteString.CopyFrom(body.Span[..(int)bytes]);
            report.Columns.Add(wide ? new Column { Statistic = statistic, Float64 = packed } : new Column { Statistic = statistic, Float32 = packed });
        }

        return (int)bytes;
    }
}
