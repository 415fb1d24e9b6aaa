using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using TrainingMonitor.Notifications.Delivery;

namespace TrainingMonitor.Notifications.Receivers;

/// <summary>PagerDuty Events v2: one incident for each alert, by its identity; triggering it twice changes nothing.</summary>
internal sealed class PagerDutyNotifier(HttpReceiver http, string routingKey) : INotifier
{
    /// <summary>Where events go, if the configuration names no other address.</summary>
    public const string Address = "https://events.pagerduty.com/v2/enqueue";

    private const int LongestKey = 255, LongestSummary = 1024;

    public bool TakesAcknowledgements => true;

    public Task<DeliveryResult> SendAsync(IReadOnlyList<Notification> notifications, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notifications);
        return http.PostAsync(Body(notifications[0], routingKey), "", cancellationToken);
    }

    public void Dispose() => http.Dispose();

    internal static JsonObject Body(Notification notification, string routingKey)
    {
        var alert = notification.Alert;
        var body = new JsonObject
        {
            ["routing_key"] = routingKey,
            ["event_action"] = notification.Status switch { NotificationStatus.Resolved => "resolve", NotificationStatus.Acknowledged => "acknowledge", _ => "trigger" },
            ["dedup_key"] = Key(alert.Id),
        };
        if (notification.Status != NotificationStatus.Firing)
        {
            return body;
        }

        body["payload"] = new JsonObject
        {
            ["summary"] = AlertWords.Cut($"{AlertWords.Title(notification)}: {AlertWords.Sentence(notification)}", LongestSummary),
            ["source"] = alert.RunId,
            ["severity"] = AlertWords.Severity(alert.Severity),
            ["timestamp"] = AlertWords.Time(notification.StartsAt),
            ["component"] = alert.Layer.Length > 0 ? alert.Layer : alert.RunId,
            ["group"] = notification.Project,
            ["class"] = alert.Rule,
            ["custom_details"] = AlertWords.Object(AlertWords.Annotations(notification)),
        };
        body["client"] = "Training Monitor";
        if (notification.Page.Length > 0)
        {
            body["client_url"] = notification.Page;
            body["links"] = new JsonArray(new JsonObject { ["href"] = notification.Page, ["text"] = "Page of the run" });
        }

        return body;
    }

    // A key that is cut could be another alert's.
    private static string Key(string id)
    {
        var key = "trainmon/" + id;
        return key.Length <= LongestKey ? key : "trainmon/sha256/" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
    }
}
