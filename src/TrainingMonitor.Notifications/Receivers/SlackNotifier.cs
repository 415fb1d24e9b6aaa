using System.Text;
using System.Text.Json.Nodes;
using TrainingMonitor.Notifications.Delivery;

namespace TrainingMonitor.Notifications.Receivers;

/// <summary>Slack incoming webhook: a header, the sentence with the advice, and a line of context.</summary>
internal sealed class SlackNotifier(HttpReceiver http) : INotifier
{
    // Slack's limits, less room for what is around.
    private const int LongestHeader = 150, LongestSection = 2900, LongestContext = 1900;

    public Task<DeliveryResult> SendAsync(IReadOnlyList<Notification> notifications, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notifications);
        return http.PostAsync(Body(notifications[0]), "", cancellationToken);
    }

    public void Dispose() => http.Dispose();

    internal static JsonObject Body(Notification notification)
    {
        var alert = notification.Alert;
        var text = Safe(AlertWords.Sentence(notification), LongestSection / 2);
        if (notification.Status == NotificationStatus.Firing && alert.Advice.Length > 0)
        {
            text += $"\n*Do:* {Safe(alert.Advice, LongestSection / 2)}";
        }

        var context = $"step {alert.Step} · attempt {alert.Attempt}" + (notification.Page.Length > 0 ? $" · <{notification.Page}|page of the run>" : "");
        return new JsonObject
        {
            ["text"] = $"{Safe(AlertWords.Title(notification), LongestHeader)}: {Safe(AlertWords.Sentence(notification), LongestSection / 2)}",
            ["blocks"] = new JsonArray(
                new JsonObject { ["type"] = "header", ["text"] = new JsonObject { ["type"] = "plain_text", ["text"] = AlertWords.Cut(AlertWords.Title(notification), LongestHeader) } },
                new JsonObject { ["type"] = "section", ["text"] = new JsonObject { ["type"] = "mrkdwn", ["text"] = text } },
                new JsonObject
                {
                    ["type"] = "context",
                    ["elements"] = new JsonArray(new JsonObject { ["type"] = "mrkdwn", ["text"] = AlertWords.Cut(context, LongestContext) }),
                }),
        };
    }

    // Names of runs are the users' own: "<!channel>" in one must wake nobody. Escapes count towards the limit, so they come first and are never cut in two.
    private static string Safe(string text, int most)
    {
        var safe = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            var piece = rune.Value switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", _ => rune.ToString() };
            if (safe.Length + piece.Length >= most)
            {
                return safe.Append('…').ToString();
            }

            safe.Append(piece);
        }

        return safe.ToString();
    }
}
