using System.Globalization;
using System.Text.Json.Nodes;
using TrainingMonitor.Notifications.Delivery;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Notifications.Receivers;

/// <summary>An alert as labels, annotations and short texts, alike for every receiver.</summary>
internal static class AlertWords
{
    private const string NoTime = "0001-01-01T00:00:00Z";

    public static string Severity(Severity severity) => severity switch
    {
        Protocol.V1.Severity.Critical => "critical",
        Protocol.V1.Severity.Warning => "warning",
        _ => "info",
    };

    /// <summary>Identity and nothing else: a label whose value moves would make a new alert of every step. Sorted; absent ones are left out.</summary>
    public static SortedDictionary<string, string> Labels(Notification notification)
    {
        var alert = notification.Alert;
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["alertname"] = alert.Rule, ["run"] = alert.RunId, ["severity"] = Severity(alert.Severity),
        };
        if (notification.Project.Length > 0)
        {
            labels["project"] = notification.Project;
        }

        if (alert.Layer.Length > 0)
        {
            labels["layer"] = alert.Layer;
        }

        return labels;
    }

    /// <summary>Sentence, advice and numbers.</summary>
    public static SortedDictionary<string, string> Annotations(Notification notification)
    {
        var alert = notification.Alert;
        var notes = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["summary"] = Sentence(notification), ["step"] = Number(alert.Step) };
        void Add(string name, string text)
        {
            if (text.Length > 0)
            {
                notes[name] = text;
            }
        }

        Add("description", alert.Advice);
        Add("since_step", Number(alert.SinceStep));
        Add("attempt", Number(alert.Attempt));
        Add("segment", Number(alert.Segment));
        if (alert.Evidence is { } evidence)
        {
            Add("statistic", evidence.Statistic);
            Add("value", double.IsNaN(evidence.Value) ? "" : Number(evidence.Value));
            Add("threshold", double.IsNaN(evidence.Threshold) ? "" : Number(evidence.Threshold));
            Add("window", evidence.WindowTo > 0 ? $"{Number(evidence.WindowFrom)}-{Number(evidence.WindowTo)}" : "");
            Add("false_alarm_control", evidence.FalseAlarmControl);
            Add("missing", string.Join(", ", evidence.Missing));
        }

        return notes;
    }

    /// <summary>The alert's sentence, and the notification's own.</summary>
    public static string Sentence(Notification notification) =>
        notification.Note.Length == 0 ? notification.Alert.Summary : $"{notification.Alert.Summary} {notification.Note}".Trim();

    /// <summary>"RESOLVED memorization_onset · mnist/run-1".</summary>
    public static string Title(Notification notification)
    {
        var alert = notification.Alert;
        var state = notification.Status == NotificationStatus.Firing ? Severity(alert.Severity).ToUpperInvariant() : notification.Status.ToString().ToUpperInvariant();
        return $"{state} {alert.Rule}{(alert.Layer.Length > 0 ? $" ({alert.Layer})" : "")} · {(notification.Project.Length > 0 ? notification.Project + "/" : "")}{alert.RunId}";
    }

    /// <summary>One alert as Alertmanager's webhook writes it.</summary>
    public static JsonObject Json(Notification notification)
    {
        var labels = Labels(notification);
        return new JsonObject
        {
            ["status"] = notification.Status == NotificationStatus.Resolved ? "resolved" : "firing",
            ["labels"] = Object(labels),
            ["annotations"] = Object(Annotations(notification)),
            ["startsAt"] = Time(notification.StartsAt),
            ["endsAt"] = notification.EndsAt is { } end ? Time(end) : NoTime,
            ["generatorURL"] = notification.Page,
            ["fingerprint"] = Fingerprint.Of(labels),
        };
    }

    /// <summary>The same for every attempt to tell the same thing.</summary>
    public static string Idempotency(Notification notification) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Fingerprint.Of(Labels(notification))}-{notification.StartsAt.ToUnixTimeMilliseconds()}-{notification.Alert.Ordinal}-{notification.Status.ToString().ToLowerInvariant()}");

    public static JsonObject Object(IReadOnlyDictionary<string, string> values) => new(values.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Cut to a receiver's limit, never inside a character.</summary>
    public static string Cut(string text, int most)
    {
        if (text.Length <= most)
        {
            return text;
        }

        var end = most - 1;
        return text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)] + "…";
    }

    private static string Number<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
}
