using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Storage.Series.DuckDb;

internal static partial class DuckDbMessages
{
    [LoggerMessage(1, LogLevel.Error, "The series file {Path} is damaged ({Reason}); it was moved to {Aside} and a new one was started. Series are rebuilt from the frame log as far as it reaches.")]
    public static partial void FileMovedAside(ILogger logger, string path, string reason, string aside);

    [LoggerMessage(2, LogLevel.Warning, "The series file {Path} uses {Used} bytes, above its cap of {Cap}: deleted the {Rows} oldest layer windows.")]
    public static partial void Retained(ILogger logger, string path, long used, long cap, long rows);

    [LoggerMessage(3, LogLevel.Error, "A write to the series file {Path} failed and was rolled back.")]
    public static partial void WriteFailed(ILogger logger, string path, Exception error);

    [LoggerMessage(4, LogLevel.Error, "Old layer windows of the series file {Path} could not be deleted.")]
    public static partial void RetentionFailed(ILogger logger, string path, Exception error);
}
