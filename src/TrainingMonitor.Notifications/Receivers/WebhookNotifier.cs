using System.Text.Json.Nodes;
using TrainingMonitor.Notifications.Delivery;

namespace TrainingMonitor.Notifications.Receivers;

/// <summary>JSON in the envelope that Alertmanager sends to webhooks (version 4), one alert in each. The header Idempotency-Key is the same for every attempt at the
/// same thing.</summary>
internal sealed class WebhookNotifier(HttpReceiver http, string name, string external) : INotifier
{
    public Task<DeliveryResult> SendAsync(IReadOnlyList<Notification> notifications, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notifications);
        return http.PostAsync(Body(notifications[0], name, external), AlertWords.Idempotency(notifications[0]), cancellationToken);
    }

    public void Dispose() => http.Dispose();

    internal static JsonObject Body(Notification notification, string name, string external)
    {
        var alert = notification.Alert;
        var group = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["alertname"] = alert.Rule, ["run"] = alert.RunId };
        return new JsonObject
        {
            ["version"] = "4",
            ["groupKey"] = $"{{}}:{{alertname={Quoted(alert.Rule)}, run={Quoted(alert.RunId)}}}",
            ["truncatedAlerts"] = 0,
            ["status"] = notification.Status == NotificationStatus.Resolved ? "resolved" : "firing",
            ["receiver"] = name,
            ["groupLabels"] = AlertWords.Object(group),
            ["commonLabels"] = AlertWords.Object(AlertWords.Labels(notification)),
            ["commonAnnotations"] = AlertWords.Object(AlertWords.Annotations(notification)),
            ["externalURL"] = external,
            ["alerts"] = new JsonArray(AlertWords.Json(notification)),
        };
    }

    private static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
