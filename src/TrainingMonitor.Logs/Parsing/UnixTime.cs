using System.Globalization;
using System.Text.RegularExpressions;

namespace TrainingMonitor.Logs.Parsing;

/// <summary>Times as logs write them, to nanoseconds since the Unix epoch.</summary>
internal static partial class UnixTime
{
    private const double Earliest = 1e9, Latest = 1e10;

    /// <summary>Of seconds or milliseconds since the epoch; 0 where the number is no such time.</summary>
    public static long Nanoseconds(double number) => number switch
    {
        >= Earliest and < Latest => (long)(number * 1e6) * 1000,
        >= Earliest * 1e3 and < Latest * 1e3 => (long)(number * 1e3) * 1000,
        _ => 0,
    };

    /// <summary>Of the first date and time in a text, in this machine's zone unless it names one; 0: none.</summary>
    public static long Nanoseconds(string text)
    {
        var iso = Iso().Match(text);
        var american = iso.Success ? Match.Empty : American().Match(text);
        var written = iso.Success ? $"{iso.Groups["date"].Value} {iso.Groups["clock"].Value.Replace(',', '.')}{iso.Groups["zone"].Value}"
            : american.Success ? $"{american.Groups["year"].Value}-{american.Groups["month"].Value}-{american.Groups["day"].Value} {american.Groups["clock"].Value}"
            : "";
        return written.Length > 0 && DateTimeOffset.TryParse(written, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time)
            ? (time - DateTimeOffset.UnixEpoch).Ticks * 100
            : 0;
    }

    [GeneratedRegex(@"(?<date>\d{4}-\d\d-\d\d)[ T](?<clock>\d\d:\d\d:\d\d([.,]\d{1,7})?)\d*(?<zone>Z|[+-]\d\d:?\d\d)?", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Iso();

    // nanotron: month first.
    [GeneratedRegex(@"(?<month>\d\d)/(?<day>\d\d)/(?<year>\d{4}) (?<clock>\d\d:\d\d:\d\d)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex American();
}
