namespace TrainingMonitor.Storage.Influx.Writing;

/// <summary>What an answer to a write means for its lines.</summary>
public enum WriteOutcome
{
    /// <summary>The server has them.</summary>
    Accept,

    /// <summary>The server will never take them as they are; some of them may be good.</summary>
    Reject,

    /// <summary>Too many at once.</summary>
    Split,

    /// <summary>Not now: the same again later.</summary>
    Keep,
}
