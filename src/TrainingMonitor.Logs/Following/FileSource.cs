using TrainingMonitor.Logs.Parsing;

namespace TrainingMonitor.Logs.Following;

/// <summary>A log that is one file.</summary>
internal sealed class FileSource(string path, Func<ILogParser> parser) : ILogSource
{
    private readonly FollowedFile file = new(path, parser);

    /// <inheritdoc/>
    public LogFormat? Format => file.Parser.Format;

    /// <inheritdoc/>
    public long Skipped => file.Skipped;

    /// <inheritdoc/>
    public int Replaced => file.Replaced;

    /// <inheritdoc/>
    public string? Broken => file.Parser.Broken is { } why ? $"{file.Path}: {why}" : null;

    /// <inheritdoc/>
    public IEnumerable<LogEntry> Poll() => file.Poll();
}
