using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Server.Security.Auditing;

/// <summary>What the audit log writes to the other log.</summary>
internal static partial class AuditMessages
{
    [LoggerMessage(1, LogLevel.Error, "The audit log {Path} cannot be written; {What} is not in it")]
    public static partial void NotWritten(this ILogger log, Exception error, string path, string what);
}
