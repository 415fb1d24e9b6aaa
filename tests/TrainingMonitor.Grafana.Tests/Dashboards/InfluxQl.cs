using System.Globalization;
using System.Text.RegularExpressions;

namespace TrainingMonitor.Grafana.Tests.Dashboards;

/// <summary>What Grafana does to an InfluxQL statement before it sends it, and which names a statement uses.</summary>
internal static partial class InfluxQl
{
    /// <summary>Puts values in place of variables and macros; throws where one is unknown.</summary>
    /// <param name="query">Statement of a panel.</param>
    /// <param name="values">Variables; "All" is the pattern <c>.*</c>.</param>
    /// <param name="range">First and last stamp, ns.</param>
    /// <param name="points">Buckets the panel has room for.</param>
    public static string Fill(string query, IReadOnlyDictionary<string, string> values, (long From, long To) range, int points)
    {
        var interval = Math.Max(10, (range.To - range.From) / 1_000_000 / points);
        var filled = query
            .Replace("$timeFilter", string.Create(CultureInfo.InvariantCulture, $"time >= {range.From} AND time <= {range.To}"), StringComparison.Ordinal)
            .Replace("$__interval", $"{interval}ms", StringComparison.Ordinal);
        filled = RegexVariable().Replace(filled, match =>
        {
            var value = values[match.Groups["name"].Value];
            return value == ".*" ? value : Regex.Escape(value).Replace("/", "\\/", StringComparison.Ordinal);
        });
        return Left().IsMatch(filled) ? throw new FormatException($"A variable is left: {filled}") : filled;
    }

    /// <summary>Measurement of a statement: there is one in each of ours.</summary>
    public static string Measurement(string query)
    {
        var names = From().Matches(query).Select(match => match.Groups["name"].Value).Distinct(StringComparer.Ordinal).ToList();
        return names.Count == 1 ? names[0] : throw new FormatException($"{names.Count} measurements: {query}");
    }

    /// <summary>Fields and tags a statement reads; names that it gives itself (AS) are not among them.</summary>
    public static HashSet<string> Columns(string query)
    {
        var given = As().Matches(query).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        var rest = As().Replace(From().Replace(query, " "), " ");
        // An alias may have the name of what it is of, and an outer statement speaks of aliases: what a function reads is a column for certain.
        var read = Read().Matches(rest).Select(match => match.Groups["name"].Value);
        var columns = Name().Matches(rest).Select(match => match.Groups["name"].Value).Where(name => !given.Contains(name)).Concat(read).ToHashSet(StringComparer.Ordinal);
        return columns;
    }

    [GeneratedRegex(@"\$\{(?<name>\w+):regex\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RegexVariable();

    [GeneratedRegex(@"\$[\w{]", RegexOptions.None, 1000)]
    private static partial Regex Left();

    [GeneratedRegex(@"\bFROM\s+""(?<name>[^""]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex From();

    [GeneratedRegex(@"\bAS\s+""(?<name>[^""]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex As();

    [GeneratedRegex(@"\w\(""(?<name>[^""]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Read();

    [GeneratedRegex(@"""(?<name>[^""]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
