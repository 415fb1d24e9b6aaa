using System.ComponentModel.DataAnnotations;

namespace TrainingMonitor.Notifications.Options;

/// <summary>One receiver of alerts. Secrets are named, never written: a file or an environment variable holds them.</summary>
public sealed record ReceiverOptions
{
    /// <summary>Name that routes, metrics and <c>trainmon notify test --to</c> use.</summary>
    public string Name { get; init; } = "";

    /// <summary>One of <see cref="ReceiverKinds.All"/>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Address: of the Alertmanager (without /api/v2) or of the webhook; for PagerDuty another than the usual one. Slack and Discord: a secret, see <see cref="SecretFile"/>.</summary>
    public string Url { get; init; } = "";

    /// <summary>File that holds the secret: the address of a Slack or Discord webhook, PagerDuty's routing key, the bearer token of a webhook or Alertmanager.</summary>
    public string SecretFile { get; init; } = "";

    /// <summary>Environment variable that holds it instead.</summary>
    public string SecretVariable { get; init; } = "";

    /// <summary>Program of a command hook: a full path.</summary>
    public string Program { get; init; } = "";

    /// <summary>Its arguments, as they are: no shell reads them.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Longest time one attempt may take, seconds.</summary>
    [Range(0.1, 600)]
    public double TimeoutSeconds { get; init; } = 10;

    /// <summary>Alertmanager: how often firing alerts are sent again, seconds. It takes an alert for resolved that was not for four times as long.</summary>
    [Range(1, 3600)]
    public double ResendSeconds { get; init; } = 60;

    /// <summary>The others: an alert that still fires is told again after so many hours. 0: never.</summary>
    [Range(0, 8760)]
    public double RepeatHours { get; init; }

    /// <summary>Whether it is told of the end of an alert.</summary>
    public bool SendResolved { get; init; } = true;
}
