using TrainingMonitor.Logs.Framing;

namespace TrainingMonitor.Logs.Parsing;

/// <summary>A framed file whose records are read one by one.</summary>
internal sealed class RecordParser(LogFormat format, IFraming framing, Func<byte[], LogEntry?> read) : ILogParser
{
    /// <inheritdoc/>
    public long Skipped => framing.Skipped;

    /// <inheritdoc/>
    public string? Broken => framing.Broken;

    /// <inheritdoc/>
    public LogFormat? Format => format;

    /// <summary>A parser of TensorBoard event files.</summary>
    public static RecordParser TensorBoard() => new(LogFormat.TensorBoard, new TfRecordFraming(), EventRecord.Read);

    /// <summary>A parser of <c>.wandb</c> files.</summary>
    public static RecordParser Wandb() => new(LogFormat.Wandb, new WandbFraming(), HistoryRecord.Read);

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<byte> data, ICollection<LogEntry> entries)
    {
        framing.Append(data);
        while (framing.TryRead(out var record))
        {
            if (read(record) is { } entry)
            {
                entries.Add(entry);
            }
        }
    }
}
