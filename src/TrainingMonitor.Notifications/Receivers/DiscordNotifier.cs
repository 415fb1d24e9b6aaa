using System.Globalization;
using System.Text.Json.Nodes;
using TrainingMonitor.Notifications.Delivery;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Notifications.Receivers;

/// <summary>Discord webhook: one embed, coloured by severity. No mention in it wakes anybody.</summary>
internal sealed class DiscordNotifier(HttpReceiver http) : INotifier
{
    private const int Red = 0xD32F2F, Orange = 0xF57C00, Blue = 0x1976D2, Green = 0x388E3C;
    private const int LongestTitle = 256, LongestText = 4000, LongestField = 1024;

    public Task<DeliveryResult> SendAsync(IReadOnlyList<Notification> notifications, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notifications);
        return http.PostAsync(Body(notifications[0]), "", cancellationToken);
    }

    public void Dispose() => http.Dispose();

    internal static JsonObject Body(Notification notification)
    {
        var alert = notification.Alert;
        var fields = new JsonArray(Field("Run", alert.RunId, inline: true), Field("Step", alert.Step.ToString(CultureInfo.InvariantCulture), inline: true));
        if (notification.Status == NotificationStatus.Firing && alert.Advice.Length > 0)
        {
            fields.Add(Field("Do", alert.Advice, inline: false));
        }

        var embed = new JsonObject
        {
            ["title"] = AlertWords.Cut(AlertWords.Title(notification), LongestTitle),
            ["description"] = AlertWords.Cut(AlertWords.Sentence(notification), LongestText),
            ["color"] = notification.Status == NotificationStatus.Resolved ? Green : alert.Severity switch { Severity.Critical => Red, Severity.Warning => Orange, _ => Blue },
            ["timestamp"] = AlertWords.Time(notification.EndsAt ?? notification.StartsAt),
            ["fields"] = fields,
        };
        if (notification.Page.Length > 0)
        {
            embed["url"] = notification.Page;
        }

        return new JsonObject { ["embeds"] = new JsonArray(embed), ["allowed_mentions"] = new JsonObject { ["parse"] = new JsonArray() } };
    }

    private static JsonObject Field(string name, string text, bool inline) =>
        new() { ["name"] = name, ["value"] = AlertWords.Cut(text.Length > 0 ? text : "-", LongestField), ["inline"] = inline };
}
