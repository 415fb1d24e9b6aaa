using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Storage.Postgres;

internal static partial class PostgresMessages
{
    [LoggerMessage(1, LogLevel.Error, "PostgreSQL does not take the log of the runs; nothing is acknowledged as durable until it does.")]
    public static partial void Failed(ILogger logger, Exception error);

    [LoggerMessage(2, LogLevel.Warning, "PostgreSQL takes the log of the runs again, after {Seconds:F1} s.")]
    public static partial void Recovered(ILogger logger, double seconds);

    [LoggerMessage(3, LogLevel.Error, "Closed while PostgreSQL does not take the log: {Bytes} bytes are not durable (they were never acknowledged).")]
    public static partial void Lost(ILogger logger, long bytes);

    [LoggerMessage(4, LogLevel.Warning, "Run {RunId} has changed hands: epoch {Epoch} of this node may not write any more.")]
    public static partial void Fenced(ILogger logger, string runId, long epoch);

    [LoggerMessage(5, LogLevel.Error, "The log of run {RunId} in PostgreSQL ends at {Stored}, but was durable up to {Durable}: the database has gone back. This node gives the run up.")]
    public static partial void WentBack(ILogger logger, string runId, long stored, long durable);

    [LoggerMessage(6, LogLevel.Error, "An observer of the log threw.")]
    public static partial void ObserverFailed(ILogger logger, Exception error);

    [LoggerMessage(7, LogLevel.Error, "The snapshot of run {RunId} at position {Position} cannot be used ({Reason}); it is kept, marked as rejected, and the one before it is tried.")]
    public static partial void Rejected(ILogger logger, string runId, long position, string reason);

    [LoggerMessage(8, LogLevel.Error, "PostgreSQL has {Setting} = off: what is acknowledged as durable does not survive a crash of it.")]
    public static partial void NotDurable(ILogger logger, string setting);
}
