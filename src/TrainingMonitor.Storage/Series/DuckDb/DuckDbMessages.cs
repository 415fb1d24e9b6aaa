using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Storage.Series.DuckDb;

internal static partial class DuckDbMessages
{
    [LoggerMessage(1, LogLevel.Error, "The series file {Path} is damaged ({Reason}); it was moved to {Aside} and a new one was started. Series are rebuilt from the frame log as far as it reaches.")]
    public static partial void FileMovedAside(ILogger logger, string path, string reason, string aside);

    [LoggerMessage(2, LogLevel.Warning, "The series file {Path} uses {Used} bytes, above its cap of {Cap}: dropped the oldest part of the layer windows.")]
    public static partial void Retained(ILogger logger, string path, long used, long cap);

    [LoggerMessage(3, LogLevel.Error, "A write to the series file {Path} failed and was rolled back.")]
    public static partial void WriteFailed(ILogger logger, string path, Exception error);

    [LoggerMessage(4, LogLevel.Error, "The layer windows of the series file {Path} could not be put in a new part, or an old part not dropped.")]
    public static partial void RetentionFailed(ILogger logger, string path, Exception error);
}
