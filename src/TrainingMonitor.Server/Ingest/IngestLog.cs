using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Server.Ingest;

/// <summary>What the ingest endpoint writes to the log.</summary>
internal static partial class IngestLog
{
    [LoggerMessage(1, LogLevel.Information, "Run {RunId} rank {Rank}: stream opened, attempt {Attempt}, goes on after sequence {ResumeAfter}")]
    public static partial void StreamOpened(this ILogger log, string runId, uint rank, uint attempt, ulong resumeAfter);

    [LoggerMessage(2, LogLevel.Information, "Run {RunId} rank {Rank}: stream closed after sequence {LastSequence}")]
    public static partial void StreamClosed(this ILogger log, string runId, uint rank, ulong lastSequence);

    [LoggerMessage(3, LogLevel.Warning, "A trainer stream from {Peer} ended with {Code}: {Detail}")]
    public static partial void StreamRefused(this ILogger log, string peer, StatusCode code, string detail);

    [LoggerMessage(4, LogLevel.Warning, "Run {RunId}: the clock of {Host} is {Seconds:0.0} s off the server's; its times will not line up with those of other machines")]
    public static partial void ClockSkew(this ILogger log, string runId, string host, double seconds);
}
