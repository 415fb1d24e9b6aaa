using System.Globalization;
using System.Text;
using System.Text.Json;

namespace TrainingMonitor.Logs.Parsing;

/// <summary>Numbers of JSON as Python writes it, where NaN and Infinity stand bare; nested names joined by '/'.</summary>
internal static class JsonRow
{
    private const int MaxValues = 4096;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64, AllowTrailingCommas = true };

    /// <summary>A whole document; null: it is none (half-written, or something else).</summary>
    public static JsonDocument? Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(Quoted(text), Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Adds the numbers of a JSON text under a name.</summary>
    public static void Flatten(string name, string json, List<KeyValuePair<string, double>> values)
    {
        using var document = Parse(json);
        if (document is not null)
        {
            Flatten(name, document.RootElement, values);
        }
    }

    /// <summary>Adds the numbers of an element under a name.</summary>
    public static void Flatten(string name, JsonElement element, List<KeyValuePair<string, double>> values)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    Flatten(name.Length == 0 ? property.Name : $"{name}/{property.Name}", property.Value, values);
                }

                break;
            case JsonValueKind.Number when values.Count < MaxValues && element.TryGetDouble(out var number):
                values.Add(new(name, number));
                break;
            case JsonValueKind.String when values.Count < MaxValues && NonFinite(element.GetString()!) is { } number:
                values.Add(new(name, number));
                break;
            default: break;
        }
    }

    /// <summary>An entry of flattened numbers: the step and the time are taken out.</summary>
    public static LogEntry Entry(List<KeyValuePair<string, double>> values, string timeText, long plannedSteps)
    {
        long? step = null;
        var time = timeText.Length > 0 ? UnixTime.Nanoseconds(timeText) : 0;
        var rest = new List<KeyValuePair<string, double>>(values.Count);
        foreach (var (name, value) in values)
        {
            if (StepNames.IsStep(name) && value is >= 0 and < 1e15 && value == Math.Floor(value))
            {
                step ??= (long)value;
            }
            else if (StepNames.IsTime(name) && UnixTime.Nanoseconds(value) is > 0 and var at)
            {
                time = time == 0 ? at : time;
            }
            else
            {
                rest.Add(new(name, value));
            }
        }

        return new() { Step = step, TimeUnixNs = time, PlannedSteps = plannedSteps, Values = rest };
    }

    /// <summary>NaN and the infinities as words; null: another text.</summary>
    public static double? NonFinite(string text) => text.Length > 9 ? null : text.ToUpperInvariant() switch
    {
        "NAN" or "-NAN" => double.NaN,
        "INF" or "+INF" or "INFINITY" or "+INFINITY" => double.PositiveInfinity,
        "-INF" or "-INFINITY" => double.NegativeInfinity,
        _ => null,
    };

    /// <summary>A number as any of the logs writes it.</summary>
    public static double? Number(string text) =>
        NonFinite(text) ?? (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null);

    // Bare NaN, Infinity and -Infinity get quotes: JSON has no such numbers, Python's writer does.
    private static string Quoted(string text)
    {
        if (!text.Contains("NaN", StringComparison.Ordinal) && !text.Contains("Infinity", StringComparison.Ordinal))
        {
            return text;
        }

        var quoted = new StringBuilder(text.Length + 16);
        var inString = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (inString && c == '\\' && i + 1 < text.Length)
            {
                quoted.Append(c).Append(text[++i]);
                continue;
            }

            inString ^= c == '"';
            var word = inString ? null : Array.Find(["NaN", "-Infinity", "Infinity"], w => string.CompareOrdinal(text, i, w, 0, w.Length) == 0);
            if (word is null)
            {
                quoted.Append(c);
                continue;
            }

            quoted.Append('"').Append(word).Append('"');
            i += word.Length - 1;
        }

        return quoted.ToString();
    }
}
