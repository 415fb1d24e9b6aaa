using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Storage.Spooling;

/// <summary>What a spool writes to the log.</summary>
internal static partial class SpoolMessages
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The spool in {Folder} cannot be written; batches wait in memory until it can")]
    public static partial void Failed(ILogger logger, string folder, Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "The spool in {Folder} can be written again")]
    public static partial void Mended(ILogger logger, string folder);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The spool is full: {Records} batches of {Lines} lines, the oldest, are dropped")]
    public static partial void Dropped(ILogger logger, int records, long lines);

    [LoggerMessage(Level = LogLevel.Information, Message = "Cut {Bytes} bytes of a write that was never finished off {Path}")]
    public static partial void Torn(ILogger logger, long bytes, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} is damaged: {Lines} lines cannot be read; the file is kept as {Aside}")]
    public static partial void Damaged(ILogger logger, string path, long lines, string aside);
}
