using TrainingMonitor.Notifications.Delivery;

namespace TrainingMonitor.Notifications.Keeping;

/// <summary>A notification that waits for its receiver.</summary>
/// <param name="Id">Place in the queue.</param>
/// <param name="Notification">What is to be told.</param>
/// <param name="Queued">Since when.</param>
internal sealed record QueuedNotification(long Id, Notification Notification, DateTimeOffset Queued);
