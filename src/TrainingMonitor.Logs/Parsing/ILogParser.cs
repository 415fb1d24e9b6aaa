namespace TrainingMonitor.Logs.Parsing;

/// <summary>Reads one file of a log as it grows.</summary>
internal interface ILogParser
{
    /// <summary>Damaged records passed over.</summary>
    long Skipped { get; }

    /// <summary>Why nothing more can be read from this file; null: it can.</summary>
    string? Broken { get; }

    /// <summary>The format that was recognized; null: not yet.</summary>
    LogFormat? Format { get; }

    /// <summary>Takes bytes and gives what became whole with them.</summary>
    void Append(ReadOnlySpan<byte> data, ICollection<LogEntry> entries);
}
