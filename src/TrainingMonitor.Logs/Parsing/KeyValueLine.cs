using System.Globalization;
using System.Text.RegularExpressions;

namespace TrainingMonitor.Logs.Parsing;

/// <summary>Lines of <c>key: value</c> and <c>key=value</c>, torchtitan's among them.</summary>
internal static partial class KeyValueLine
{
    /// <summary>A line of torchtitan: "step: 10  loss: 7.1234  grad_norm: 1.2345  memory: 40.1GiB(50.7%)".</summary>
    public static LogEntry? Torchtitan(string line) => TorchtitanStart().IsMatch(line) ? Read(line) : null;

    /// <summary>Any line with a step and one more number.</summary>
    public static LogEntry? Read(string line)
    {
        long? step = null;
        long planned = 0;
        var values = new List<KeyValuePair<string, double>>();
        foreach (Match pair in Pair().Matches(line))
        {
            var name = pair.Groups["key"].Value;
            if (JsonRow.Number(pair.Groups["value"].Value.Replace(",", "", StringComparison.Ordinal)) is not { } number)
            {
                continue;
            }

            if (StepNames.IsStep(name) && number is >= 0 and < 1e15)
            {
                step ??= (long)number;
                _ = long.TryParse(pair.Groups["of"].Value, CultureInfo.InvariantCulture, out planned);
            }
            else
            {
                values.Add(new(name, number));
            }
        }

        if (step is null && Spoken().Match(line) is { Success: true } spoken && long.TryParse(spoken.Groups["step"].Value, CultureInfo.InvariantCulture, out var said))
        {
            step = said;
            _ = long.TryParse(spoken.Groups["of"].Value, CultureInfo.InvariantCulture, out planned);
        }

        return step is null || values.Count == 0 ? null : new() { Step = step, PlannedSteps = planned, TimeUnixNs = UnixTime.Nanoseconds(line), Values = values };
    }

    [GeneratedRegex(
        @"(?<![\w/.\-])(?<key>[A-Za-z_][\w/.\-]*) *[:=] *(?<value>[+-]?(\d[\d,]*\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|nan|inf(inity)?))(?![\w:])( */ *(?<of>\d+))?|(?<![\w/.\-])(?<key>[A-Za-z_][\w/.\-]*) *[:=] *(?<value>\d[\d,]*\.?\d*)(?=[A-Za-z%])",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Pair();

    // "step 20", "Iter 100/1000", "[step 5]": without a colon.
    [GeneratedRegex(@"\b(step|iter|iteration|update) +(?<step>\d+)( */ *(?<of>\d+))?(?![\d.])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Spoken();

    [GeneratedRegex(@"\bstep: *\d+ +loss: *\S+ ", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TorchtitanStart();
}
