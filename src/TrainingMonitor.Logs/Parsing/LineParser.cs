using System.Text;
using TrainingMonitor.Logs.Framing;

namespace TrainingMonitor.Logs.Parsing;

/// <summary>Text logs: whole lines, each tried with the formats that are allowed; the first that fits a line stays.</summary>
/// <param name="wanted"><see cref="LogFormat.Text"/>: any; else that one alone.</param>
internal sealed class LineParser(LogFormat wanted) : ILogParser
{
    private const int MaxLine = 4 << 20;

    private static readonly (LogFormat Format, Func<string, LogEntry?> Read)[] Readers =
    [
        (LogFormat.Nanotron, BarLine.Nanotron),
        (LogFormat.Megatron, BarLine.Megatron),
        (LogFormat.Torchtitan, KeyValueLine.Torchtitan),
        (LogFormat.JsonLines, JsonLine.Read),
        (LogFormat.KeyValue, KeyValueLine.Read),
    ];

    private readonly ByteQueue queue = new();
    private Func<string, LogEntry?>? reader = Array.Find(Readers, r => r.Format == wanted).Read;
    private bool dropping;

    /// <inheritdoc/>
    public long Skipped { get; private set; }

    /// <inheritdoc/>
    public string? Broken => null;

    /// <inheritdoc/>
    public LogFormat? Format { get; private set; } = wanted == LogFormat.Text ? null : wanted;

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<byte> data, ICollection<LogEntry> entries)
    {
        queue.Append(data);
        int end;
        while ((end = queue.Waiting.IndexOf((byte)'\n')) >= 0)
        {
            var line = dropping ? "" : Encoding.UTF8.GetString(queue.Waiting[..end]);
            dropping = false;
            queue.Advance(end + 1);
            if (Read(line) is { Values.Count: > 0 } entry)
            {
                entries.Add(entry);
            }
        }

        if (queue.Waiting.Length > MaxLine)
        {
            // No log has such lines; what follows up to its end is not a line either.
            Skipped += dropping ? 0 : 1;
            dropping = true;
            queue.Advance(queue.Waiting.Length);
        }
    }

    private LogEntry? Read(string raw)
    {
        // Progress bars rewrite their line: what stands after the last return is what a person sees.
        var line = TerminalText.Plain(raw);
        if (line.Length == 0)
        {
            return null;
        }

        if (reader is not null)
        {
            return reader(line);
        }

        foreach (var (format, read) in Readers)
        {
            if (read(line) is { } entry)
            {
                (Format, reader) = (format, read);
                return entry;
            }
        }

        return null;
    }
}
