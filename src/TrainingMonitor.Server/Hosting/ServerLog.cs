using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Server.Hosting;

/// <summary>What the host writes to the log.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(1, LogLevel.Information, "Listening: gRPC {Grpc}, pages and JSON {Http}, data {Folder}")]
    public static partial void Listening(this ILogger log, Uri grpc, Uri http, string folder);

    [LoggerMessage(2, LogLevel.Information, "Options:\n{Options}")]
    public static partial void Options(this ILogger log, ServerOptionsReport options);

    [LoggerMessage(3, LogLevel.Warning, "No token is asked for: every user and program that reaches {Address} can read and write runs")]
    public static partial void NoAuth(this ILogger log, string address);

    [LoggerMessage(4, LogLevel.Error, "The server stopped with an error")]
    public static partial void Failed(this ILogger log, Exception error);

    [LoggerMessage(6, LogLevel.Critical, "UNSAFE: {Address} can be reached from other machines, and {Exposure}. It was asked for by Insecure (--insecure)")]
    public static partial void Exposed(this ILogger log, string address, string exposure);

    [LoggerMessage(5, LogLevel.Information, "Stopped")]
    public static partial void Stopped(this ILogger log);

    [LoggerMessage(7, LogLevel.Critical, "The server ends: {Reason}")]
    public static partial void Lost(this ILogger log, string reason);
}
