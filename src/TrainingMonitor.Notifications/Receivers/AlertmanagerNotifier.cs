using System.Text.Json.Nodes;
using TrainingMonitor.Notifications.Delivery;

namespace TrainingMonitor.Notifications.Receivers;

/// <summary>Alertmanager through <c>POST /api/v2/alerts</c>. An alert it is not sent again ends there at the time said with it, so a monitor that has gone does not
/// leave alerts firing; equal labels are the same alert, however often it comes.</summary>
internal sealed class AlertmanagerNotifier(HttpReceiver http, TimeSpan resend, TimeProvider time) : INotifier
{
    /// <summary>Re-sends that may be missed before Alertmanager takes an alert for resolved.</summary>
    private const int Missed = 4;

    public int MostAtOnce => 64;

    public TimeSpan? Resend => resend;

    public Task<DeliveryResult> SendAsync(IReadOnlyList<Notification> notifications, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notifications);
        var alive = time.GetUtcNow() + (resend * Missed);
        var alerts = notifications.Select(notification => (JsonNode?)new JsonObject
        {
            ["labels"] = AlertWords.Object(AlertWords.Labels(notification)),
            ["annotations"] = AlertWords.Object(AlertWords.Annotations(notification)),
            ["startsAt"] = AlertWords.Time(notification.StartsAt),
            ["endsAt"] = AlertWords.Time(Later(notification.EndsAt ?? alive, notification.StartsAt)),
            ["generatorURL"] = notification.Page,
        });
        return http.PostAsync(new JsonArray([.. alerts]), "", cancellationToken);
    }

    public void Dispose() => http.Dispose();

    // It refuses an alert that ends before it starts, whatever the clock did in between.
    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b.AddMilliseconds(1);
}
