namespace TrainingMonitor.Notifications.Delivery;

/// <summary>What is told.</summary>
public enum NotificationStatus
{
    /// <summary>The alert fires.</summary>
    Firing = 0,

    /// <summary>It is over.</summary>
    Resolved = 1,

    /// <summary>Somebody looks after it.</summary>
    Acknowledged = 2,
}
