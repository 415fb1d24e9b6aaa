using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Storage.Influx.Writing;

/// <summary>What the InfluxDB side writes to the log. Never a token.</summary>
internal static partial class InfluxMessages
{
    [LoggerMessage(Level = LogLevel.Information, Message = "InfluxDB at {Options}: writing through {Path}")]
    public static partial void Connected(ILogger logger, InfluxOptions options, string path);

    [LoggerMessage(Level = LogLevel.Information, Message = "InfluxDB: database {Name} was missing and has been made")]
    public static partial void DatabaseCreated(ILogger logger, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "InfluxDB takes nothing now ({Status}: {Message}); {Records} batches wait in the spool, next attempt in {Pause}")]
    public static partial void Unavailable(ILogger logger, int status, string message, int records, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Information, Message = "InfluxDB takes points again; {Records} batches wait in the spool")]
    public static partial void AvailableAgain(ILogger logger, int records);

    [LoggerMessage(Level = LogLevel.Error, Message = "InfluxDB refuses {Lines} lines for good ({Status}: {Message}); they are in {File}")]
    public static partial void DeadLetters(ILogger logger, int lines, int status, string message, string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Lines} lines that InfluxDB refuses could not be written to {File} and are lost")]
    public static partial void DeadLettersLost(ILogger logger, int lines, string file, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Points of run {RunId} at position {Position} have no form for InfluxDB and are missing there")]
    public static partial void NotWritten(ILogger logger, string runId, long position, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "InfluxDB has lost what it had taken of {Runs} runs, of {RunId} what came after position {Found} up to {Position}")]
    public static partial void Lost(ILogger logger, int runs, string runId, long found, long position);

    [LoggerMessage(Level = LogLevel.Error, Message = "A batch of {Lines} lines in the spool is none of this program's; they are missing in InfluxDB")]
    public static partial void Unreadable(ILogger logger, int lines, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The InfluxDB sink failed in a way nobody thought of; it goes on in {Pause}")]
    public static partial void SinkFailed(ILogger logger, TimeSpan pause, Exception error);
}
