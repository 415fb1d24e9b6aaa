using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Notifications.Delivery;

/// <summary>One thing to tell a receiver.</summary>
/// <param name="Alert">The newest transition.</param>
/// <param name="Project">Project of the run; may be empty.</param>
/// <param name="Status">What is told of it.</param>
/// <param name="StartsAt">When the server first saw it fire: the same in everything told of this firing.</param>
/// <param name="EndsAt">When it ended; null while it fires.</param>
public sealed record Notification(Alert Alert, string Project, NotificationStatus Status, DateTimeOffset StartsAt, DateTimeOffset? EndsAt)
{
    /// <summary>Page of the run; empty: none.</summary>
    public string Page { get; init; } = "";

    /// <summary>A sentence beside the alert's own; empty: none.</summary>
    public string Note { get; init; } = "";
}
