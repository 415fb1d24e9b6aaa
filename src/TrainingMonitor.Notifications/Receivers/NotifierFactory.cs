using TrainingMonitor.Notifications.Delivery;
using TrainingMonitor.Notifications.Options;

namespace TrainingMonitor.Notifications.Receivers;

/// <summary>Makes the notifier of a receiver whose options are checked already.</summary>
internal static class NotifierFactory
{
    public static INotifier Create(ReceiverOptions options, string external, Func<string, string?> variable, TimeProvider time)
    {
        var secret = Secret.Read(options, variable, out _);
        var timeout = TimeSpan.FromSeconds(options.TimeoutSeconds);
        HttpReceiver Http(string address, string token) => new(new Uri(address), token, secret, timeout, time);
        return options.Kind switch
        {
            ReceiverKinds.Alertmanager => new AlertmanagerNotifier(Http(options.Url.TrimEnd('/') + "/api/v2/alerts", secret), TimeSpan.FromSeconds(options.ResendSeconds), time),
            ReceiverKinds.Webhook => new WebhookNotifier(Http(options.Url, secret), options.Name, external),
            ReceiverKinds.Slack => new SlackNotifier(Http(secret, "")),
            ReceiverKinds.Discord => new DiscordNotifier(Http(secret, "")),
            ReceiverKinds.PagerDuty => new PagerDutyNotifier(Http(options.Url.Length > 0 ? options.Url : PagerDutyNotifier.Address, ""), secret),
            ReceiverKinds.Command => new CommandNotifier(options, time),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Kind, "No such kind of receiver."),
        };
    }
}
