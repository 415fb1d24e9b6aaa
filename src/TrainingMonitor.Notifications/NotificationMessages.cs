using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Notifications;

/// <summary>What delivery writes to the log. Never a secret: messages of receivers are cleaned before they come here.</summary>
internal static partial class NotificationMessages
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Alerts go to {Receivers}")]
    public static partial void Started(ILogger logger, Options.NotificationOptions receivers);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Receiver {Receiver} takes nothing now ({Message}); {Waiting} notifications wait, next attempt in {Pause}")]
    public static partial void Unavailable(ILogger logger, string receiver, string message, int waiting, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Information, Message = "Receiver {Receiver} takes notifications again")]
    public static partial void AvailableAgain(ILogger logger, string receiver);

    [LoggerMessage(Level = LogLevel.Error, Message = "Receiver {Receiver} refuses {Count} notifications for good ({Message}); the first is of {Alert}")]
    public static partial void Refused(ILogger logger, string receiver, int count, string message, string alert);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} notifications for {Receiver} were given up: {Reason}")]
    public static partial void Dropped(ILogger logger, int count, string receiver, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The notifications file {Path} was damaged ({Reason}) and is kept as {Aside}; a new one was begun")]
    public static partial void MovedAside(ILogger logger, string path, string reason, string aside);

    [LoggerMessage(Level = LogLevel.Error, Message = "Alerts could not be written to the notifications file; they are kept in memory and tried again")]
    public static partial void NotTaken(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Delivery to {Receiver} failed in a way nobody thought of; it goes on in {Pause}")]
    public static partial void WorkerFailed(ILogger logger, string receiver, TimeSpan pause, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "What waits for {Receiver} could not be read or written; it goes on in {Pause}")]
    public static partial void QueueFailed(ILogger logger, string receiver, TimeSpan pause, Exception error);

    [LoggerMessage(Level = LogLevel.Information, Message = "This node delivers alerts now (epoch {Epoch})")]
    public static partial void Delivers(ILogger logger, long epoch);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This node does not deliver alerts any more (epoch {Epoch}); another one does, or will in seconds")]
    public static partial void DeliversNoMore(ILogger logger, long epoch);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Who delivers alerts could not be settled with the database; it is tried again")]
    public static partial void HoldFailed(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Silences and repeats could not be looked after; it is tried again")]
    public static partial void SweepFailed(ILogger logger, Exception error);
}
