namespace TrainingMonitor.Client.Connection;

/// <summary>How one connection ended.</summary>
internal enum Outcome
{
    /// <summary>All is delivered.</summary>
    Delivered,

    /// <summary>The server asked to reconnect.</summary>
    GoAway,

    /// <summary>Try again later.</summary>
    Lost,

    /// <summary>The server will never take it.</summary>
    Refused,
}
