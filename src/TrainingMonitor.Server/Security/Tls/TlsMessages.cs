using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Server.Security.Tls;

/// <summary>What TLS writes to the log.</summary>
internal static partial class TlsMessages
{
    [LoggerMessage(1, LogLevel.Information, "The certificate is {Subject}, good until {NotAfter}")]
    public static partial void Loaded(this ILogger log, string subject, DateTimeOffset notAfter);

    [LoggerMessage(2, LogLevel.Error, "{Option}: {Problem} What was read before stays in use.")]
    public static partial void NotReloaded(this ILogger log, string option, string problem);

    [LoggerMessage(3, LogLevel.Warning, "A client certificate from {Remote} was refused: {Subject}: {Reason}")]
    public static partial void ClientRefused(this ILogger log, string remote, string subject, string reason);

    [LoggerMessage(4, LogLevel.Warning, "The certificate {Subject} ends at {NotAfter}: renew it, the files are read again by themselves")]
    public static partial void EndsSoon(this ILogger log, string subject, DateTimeOffset notAfter);

    [LoggerMessage(5, LogLevel.Information, "Read again: {Count} client identities")]
    public static partial void IdentitiesLoaded(this ILogger log, int count);
}
