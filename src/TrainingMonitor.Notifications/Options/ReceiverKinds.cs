namespace TrainingMonitor.Notifications.Options;

/// <summary>Kinds of receivers, as the configuration names them.</summary>
public static class ReceiverKinds
{
    /// <summary>Prometheus Alertmanager, API v2.</summary>
    public const string Alertmanager = "alertmanager";

    /// <summary>JSON in Alertmanager's webhook envelope, version 4.</summary>
    public const string Webhook = "webhook";

    /// <summary>Slack incoming webhook.</summary>
    public const string Slack = "slack";

    /// <summary>Discord webhook.</summary>
    public const string Discord = "discord";

    /// <summary>PagerDuty Events v2.</summary>
    public const string PagerDuty = "pagerduty";

    /// <summary>A program on the server's machine.</summary>
    public const string Command = "command";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Alertmanager, Webhook, Slack, Discord, PagerDuty, Command];
}
