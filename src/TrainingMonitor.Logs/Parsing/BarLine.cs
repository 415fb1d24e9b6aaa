using System.Globalization;
using System.Text.RegularExpressions;

namespace TrainingMonitor.Logs.Parsing;

/// <summary>
/// Lines of nanotron and Megatron: <c>name: value</c> between bars, after the iteration. Split rather than matched as a whole: forks add, drop and rename fields.
/// </summary>
internal static partial class BarLine
{
    /// <summary>A line of nanotron: "iteration: 12 / 1000 | consumed_tokens: 1.5M | … | lm_loss: 3.21".</summary>
    public static LogEntry? Nanotron(string line) => Read(line, NanotronStart());

    /// <summary>A line of Megatron: " iteration     100/ 500000 | consumed samples: … | lm loss: 3.212345E+00 | …".</summary>
    public static LogEntry? Megatron(string line)
    {
        if (Read(line, MegatronStart()) is not { } entry)
        {
            return null;
        }

        // It prints no loss where it was not a number, and counts instead.
        var hidden = entry.Values.Any(v => v is { Key: "number of nan iterations", Value: > 0 }) && !entry.Values.Any(v => v.Key is "lm loss" or "loss");
        return hidden ? entry with { Values = [.. entry.Values, new("lm loss", double.NaN)] } : entry;
    }

    private static LogEntry? Read(string line, Regex beginning)
    {
        var start = beginning.Match(line);
        if (!start.Success || !long.TryParse(start.Groups["step"].Value, CultureInfo.InvariantCulture, out var step))
        {
            return null;
        }

        _ = long.TryParse(start.Groups["planned"].Value, CultureInfo.InvariantCulture, out var planned);
        var values = new List<KeyValuePair<string, double>>();
        foreach (var field in line[(start.Index + start.Length)..].Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = field.LastIndexOf(':');
            if (colon > 0 && Number(field[(colon + 1)..].Trim()) is { } number)
            {
                values.Add(new(field[..colon].Trim(), number));
            }
        }

        return new() { Step = step, PlannedSteps = planned, TimeUnixNs = UnixTime.Nanoseconds(line[..start.Index]), Values = values };
    }

    // With thousands as K, M, B, T; a unit may follow ("812.3 ms").
    private static double? Number(string text)
    {
        var word = text.Split(' ', 2)[0];
        if (JsonRow.Number(word) is { } plain)
        {
            return plain;
        }

        double? factor = word.Length < 2 ? null : word[^1] switch { 'K' => 1e3, 'M' => 1e6, 'B' or 'G' => 1e9, 'T' => 1e12, _ => null };
        return factor is null ? null : JsonRow.Number(word[..^1]) * factor;
    }

    [GeneratedRegex(@"\biteration: *(?<step>\d+) */ *(?<planned>\d+) *\|", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NanotronStart();

    [GeneratedRegex(@"\biteration +(?<step>\d+) */ *(?<planned>\d+) *\|", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MegatronStart();
}
