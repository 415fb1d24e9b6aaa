using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Storage.Snapshots;

internal static partial class SnapshotMessages
{
    [LoggerMessage(1, LogLevel.Error, "The snapshot file {Path} is damaged ({Reason}); it was moved to {Aside} and a new one was started. Runs recover from the frame log.")]
    public static partial void FileMovedAside(ILogger logger, string path, string reason, string aside);

    [LoggerMessage(2, LogLevel.Error, "The snapshot of run {RunId} at position {Position} cannot be used ({Reason}); it is kept in the table rejected, and the one before it is tried.")]
    public static partial void Rejected(ILogger logger, string runId, long position, string reason);
}
