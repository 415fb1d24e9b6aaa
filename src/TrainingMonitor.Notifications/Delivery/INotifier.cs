namespace TrainingMonitor.Notifications.Delivery;

/// <summary>Speaks to one receiver. Every implementation passes the contract suite (<c>NotifierContract</c> in the tests). Thread-safe.</summary>
public interface INotifier : IDisposable
{
    /// <summary>Notifications it takes at once.</summary>
    int MostAtOnce => 1;

    /// <summary>How often it wants firing alerts again; null: it remembers them.</summary>
    TimeSpan? Resend => null;

    /// <summary>Whether it has a use for <see cref="NotificationStatus.Acknowledged"/>.</summary>
    bool TakesAcknowledgements => false;

    /// <summary>One attempt. Never throws for what a receiver or network does.</summary>
    /// <param name="notifications">At least one, at most <see cref="MostAtOnce"/>, oldest first.</param>
    /// <param name="cancellationToken">The server stops.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    Task<DeliveryResult> SendAsync(IReadOnlyList<Notification> notifications, CancellationToken cancellationToken);
}
