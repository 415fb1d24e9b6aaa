using System.Text.RegularExpressions;

namespace TrainingMonitor.Architecture.Tests;

/// <summary>docs/operations.md explains every number and every line that the server can write.</summary>
public sealed partial class OperationsPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs/operations.md"));

    // What an operator of the server never sees: the client's process, and the training jobs.
    private static IEnumerable<string> Sources => Repository.Sources
        .Where(s => !s.Key.Contains("/TrainingMonitor.Client/", StringComparison.Ordinal) && !s.Key.Contains("Examples", StringComparison.Ordinal) && !s.Key.Contains("TorchSharp", StringComparison.Ordinal))
        .Select(s => string.Join('\n', s.Value));

    [Fact]
    public void Each_metric_of_the_code_is_explained()
    {
        var names = Sources.SelectMany(source => NodeNumber().Matches(source).Concat(Instrument().Matches(source)).Select(m => m.Groups["name"].Value))
            .Concat(Sources.SelectMany(source => IngestCounter().Matches(source).Select(m => $"ingest_{m.Groups["name"].Value}_total")))
            .Distinct(StringComparer.Ordinal).ToList();

        names.ShouldContain("frames_applied_total");
        names.ShouldContain("ingest_frames_total");
        names.ShouldContain("audit_failures_total");
        names.Count.ShouldBeGreaterThan(45);
        names.Where(name => !Page.Contains($"`{name}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Each_line_of_the_log_is_explained()
    {
        var lines = Sources.SelectMany(source => LogLine().Matches(source).Select(m => m.Groups["text"].Value.Replace("\\n", " ", StringComparison.Ordinal))).ToList();

        lines.Count.ShouldBeGreaterThan(55);
        lines.Count.ShouldBe(Sources.Sum(source => Declared().Count(source)), "every declaration is found");
        lines.Where(line => !Page.Contains($"| `{line}` | ", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    // target["name_total"] = …
    [GeneratedRegex(@"(?:target|metrics)?\[""(?<name>[a-z][a-z_]+)""\] = (?:Volatile|node\.|sent\.|spooled\.|sink\.)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NodeNumber();

    [GeneratedRegex(@"Create(?:Counter|Gauge)\(""trainmon_(?<name>[a-z_]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Instrument();

    [GeneratedRegex(@" = Counter\(""(?<name>[a-z_]+)"", """, RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IngestCounter();

    [GeneratedRegex(@"\[LoggerMessage\([^""]*""(?<text>(?:[^""\\]|\\.)*)""\s*\)\]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LogLine();

    [GeneratedRegex(@"\[LoggerMessage\(", RegexOptions.None, 1000)]
    private static partial Regex Declared();
}
