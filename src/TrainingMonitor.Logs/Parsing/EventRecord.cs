using System.Runtime.InteropServices;
using System.Text;
using TrainingMonitor.Logs.Framing;

namespace TrainingMonitor.Logs.Parsing;

/// <summary>Scalars of a TensorBoard <c>Event</c>: <c>simple_value</c> (torch) and tensors of one number (TensorFlow 2). Histograms, images and text are passed over.</summary>
internal static class EventRecord
{
    private const int WallTime = 1, Step = 2, Summary = 5;
    private const int SummaryValue = 1, Tag = 1, SimpleValue = 2, Tensor = 8;
    private const int DataType = 1, Shape = 2, Content = 4, Floats = 5, Doubles = 6, Integers = 7, Integers64 = 10;

    /// <summary>The event's scalars; null: none.</summary>
    public static LogEntry? Read(byte[] record)
    {
        var reader = new WireReader(record);
        double time = 0;
        long step = 0;
        var values = new List<KeyValuePair<string, double>>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case WallTime: time = reader.Double; break;
                case Step: step = reader.Signed; break;
                case Summary: ReadSummary(reader.Bytes, values); break;
                default: break;
            }
        }

        return values.Count == 0 ? null : new() { Step = step, TimeUnixNs = UnixTime.Nanoseconds(time), Values = values };
    }

    private static void ReadSummary(ReadOnlySpan<byte> summary, List<KeyValuePair<string, double>> values)
    {
        var reader = new WireReader(summary);
        while (reader.Next())
        {
            if (reader.Field == SummaryValue && ReadValue(reader.Bytes) is { } value)
            {
                values.Add(value);
            }
        }
    }

    private static KeyValuePair<string, double>? ReadValue(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        var tag = "";
        double? value = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Tag: tag = Encoding.UTF8.GetString(reader.Bytes); break;
                case SimpleValue: value = reader.Single; break;
                case Tensor: value = ReadTensor(reader.Bytes); break;
                default: break;
            }
        }

        return tag.Length > 0 && value is { } number ? new(tag, number) : null;
    }

    // One number of type float, double, int32 or int64: in tensor_content, or packed in its own field.
    private static double? ReadTensor(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        ulong type = 0;
        double? value = null;
        ReadOnlySpan<byte> content = default;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case DataType: type = reader.Bits; break;
                case Shape when !IsScalar(reader.Bytes): return null;
                case Content: content = reader.Bytes; break;
                case Floats: value = reader.Bytes.IsEmpty ? reader.Single : Number(1, reader.Bytes); break;
                case Doubles: value = reader.Bytes.IsEmpty ? reader.Double : Number(2, reader.Bytes); break;
                case Integers or Integers64: value = reader.Bytes.IsEmpty ? reader.Signed : FirstVarint(reader.Bytes); break;
                default: break;
            }
        }

        return value ?? Number(type, content);
    }

    private static double? Number(ulong type, ReadOnlySpan<byte> data) => (type, data.Length) switch
    {
        (1, 4) => MemoryMarshal.Read<float>(data),
        (2, 8) => MemoryMarshal.Read<double>(data),
        (3, 4) => MemoryMarshal.Read<int>(data),
        (9, 8) => MemoryMarshal.Read<long>(data),
        _ => null,
    };

    private static double FirstVarint(ReadOnlySpan<byte> packed)
    {
        ulong value = 0;
        for (var i = 0; i < packed.Length && i < 10; i++)
        {
            value |= (ulong)(packed[i] & 0x7f) << (7 * i);
            if (packed[i] < 0x80)
            {
                break;
            }
        }

        return unchecked((long)value);
    }

    // A shape with a dimension other than 1 is no scalar.
    private static bool IsScalar(ReadOnlySpan<byte> shape)
    {
        var dimensions = new WireReader(shape);
        while (dimensions.Next())
        {
            var dimension = new WireReader(dimensions.Bytes);
            while (dimensions.Field == 2 && dimension.Next())
            {
                if (dimension.Field == 1 && dimension.Bits != 1)
                {
                    return false;
                }
            }
        }

        return true;
    }
}
