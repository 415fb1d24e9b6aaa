using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Storage.Log.Files;

internal static partial class FrameLogMessages
{
    [LoggerMessage(1, LogLevel.Error, "The frame log in {Folder} cannot write; nothing is acknowledged as durable until it can.")]
    public static partial void Failed(ILogger logger, string folder, Exception error);

    [LoggerMessage(2, LogLevel.Warning, "The frame log in {Folder} writes again; durable up to position {Position}.")]
    public static partial void Recovered(ILogger logger, string folder, long position);

    [LoggerMessage(3, LogLevel.Error, "Closed while the disk refuses writes: records from position {Position} on in {Folder} are not durable (they were never acknowledged).")]
    public static partial void Lost(ILogger logger, long position, string folder);

    [LoggerMessage(4, LogLevel.Error, "Damage in the frame log: {Description} ({Path}, {Length} bytes from {Offset}).")]
    public static partial void Damaged(ILogger logger, string description, string path, long offset, long length);

    [LoggerMessage(5, LogLevel.Warning, "Cut {Bytes} bytes of a record that was not finished from the end of {Path}.")]
    public static partial void Torn(ILogger logger, long bytes, string path);

    [LoggerMessage(6, LogLevel.Warning, "The frame log in {Folder} holds {Bytes} bytes, above its cap of {Cap}; nothing of it is released for deletion.")]
    public static partial void AboveCap(ILogger logger, string folder, long bytes, long cap);

    [LoggerMessage(7, LogLevel.Warning, "Cannot delete released segments in {Folder}.")]
    public static partial void CannotDelete(ILogger logger, string folder, Exception error);

    [LoggerMessage(8, LogLevel.Error, "An observer of the frame log threw.")]
    public static partial void ObserverFailed(ILogger logger, Exception error);
}
