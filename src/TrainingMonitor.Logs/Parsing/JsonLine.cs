using System.Text.Json;

namespace TrainingMonitor.Logs.Parsing;

/// <summary>A line that is one JSON object.</summary>
internal static class JsonLine
{
    private static readonly string[] TimeNames = ["timestamp", "time", "ts", "created_at", "_timestamp", "asctime", "@timestamp"];

    /// <summary>Its numbers; null: the line is something else.</summary>
    public static LogEntry? Read(string line)
    {
        if (!line.AsSpan().TrimStart().StartsWith("{"))
        {
            return null;
        }

        using var document = JsonRow.Parse(line);
        return document is { RootElement.ValueKind: JsonValueKind.Object } ? Read(document.RootElement) : null;
    }

    /// <summary>The numbers of one object.</summary>
    public static LogEntry Read(JsonElement row, long plannedSteps = 0)
    {
        var values = new List<KeyValuePair<string, double>>();
        JsonRow.Flatten("", row, values);
        var time = TimeNames.Select(name => row.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null).FirstOrDefault(text => text is not null);
        return JsonRow.Entry(values, time ?? "", plannedSteps);
    }
}
