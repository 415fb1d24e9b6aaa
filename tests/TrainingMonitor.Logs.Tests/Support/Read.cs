using System.Text;
using TrainingMonitor.Logs.Parsing;

namespace TrainingMonitor.Logs.Tests.Support;

internal static class Read
{
    public static List<LogEntry> All(ILogParser parser, ReadOnlySpan<byte> data)
    {
        var entries = new List<LogEntry>();
        parser.Append(data, entries);
        return entries;
    }

    public static List<LogEntry> Lines(string text, LogFormat format = LogFormat.Text) => All(new LineParser(format), Encoding.UTF8.GetBytes(text));

    public static double Value(this LogEntry entry, string name) => entry.Values.Single(v => v.Key == name).Value;

    public static string Text(IEnumerable<LogEntry> entries) =>
        string.Join(";", entries.Select(e => $"{e.Step}:{string.Join(",", e.Values.Select(v => $"{v.Key}={v.Value}"))}"));
}
