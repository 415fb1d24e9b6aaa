using System.Text;
using TrainingMonitor.Logs.Framing;

namespace TrainingMonitor.Logs.Parsing;

/// <summary>The history rows of a wandb <c>Record</c>; everything else in it is passed over.</summary>
internal static class HistoryRecord
{
    private const int History = 2, Item = 1, Step = 2, StepNumber = 1, Key = 1, NestedKey = 2, ValueJson = 16;

    /// <summary>The row's numbers; null: the record is no history.</summary>
    public static LogEntry? Read(byte[] record)
    {
        var reader = new WireReader(record);
        while (reader.Next())
        {
            if (reader.Field == History)
            {
                return ReadRow(reader.Bytes);
            }
        }

        return null;
    }

    private static LogEntry ReadRow(ReadOnlySpan<byte> history)
    {
        var reader = new WireReader(history);
        long? step = null;
        var values = new List<KeyValuePair<string, double>>();
        while (reader.Next())
        {
            if (reader.Field == Item)
            {
                ReadItem(reader.Bytes, values);
            }
            else if (reader.Field == Step)
            {
                var inner = new WireReader(reader.Bytes);
                step = inner.Next() && inner.Field == StepNumber ? inner.Signed : 0;
            }
        }

        // Its own step, "_step", counts calls of log(); a step of the training that was logged beside it is the better one.
        var own = values.FindIndex(v => v.Key == "_step");
        var others = values.Where((_, i) => i != own).ToList();
        var entry = JsonRow.Entry(others, "", 0);
        return entry.Step is not null ? entry : entry with { Step = own >= 0 ? (long)values[own].Value : step };
    }

    private static void ReadItem(ReadOnlySpan<byte> item, List<KeyValuePair<string, double>> values)
    {
        var reader = new WireReader(item);
        var key = "";
        var nested = new List<string>();
        var json = "";
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case Key: key = Encoding.UTF8.GetString(reader.Bytes); break;
                case NestedKey: nested.Add(Encoding.UTF8.GetString(reader.Bytes)); break;
                case ValueJson: json = Encoding.UTF8.GetString(reader.Bytes); break;
                default: break;
            }
        }

        JsonRow.Flatten(nested.Count > 0 ? string.Join('/', nested) : key, json, values);
    }
}
