namespace TrainingMonitor.Notifications.Delivery;

/// <summary>What became of an attempt.</summary>
public enum DeliveryOutcome
{
    /// <summary>The receiver has it.</summary>
    Delivered,

    /// <summary>The receiver will never take it.</summary>
    Refused,

    /// <summary>Not now: the same again later.</summary>
    Later,
}
