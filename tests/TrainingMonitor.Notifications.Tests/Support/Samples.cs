using TrainingMonitor.Notifications.Delivery;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Notifications.Tests.Support;

internal static class Samples
{
    public static readonly DateTimeOffset Start = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    public static Alert Alert(
        ulong ordinal = 1, AlertState state = AlertState.Firing, string rule = "memorization_onset", string run = "run-1", string layer = "", Severity severity = Severity.Warning) => new()
        {
            Id = layer.Length == 0 ? $"{run}/{rule}" : $"{run}/{rule}/{layer}",
            Ordinal = ordinal,
            RunId = run,
            Rule = rule,
            Layer = layer,
            Severity = severity,
            State = state,
            Attempt = 0,
            Segment = 1,
            Step = 100 * ordinal,
            SinceStep = 80,
            TimeUnixNs = 1_700_000_000_000_000_000 + (long)ordinal,
            Summary = "Training loss falls while <fresh> examples are harmed & \"forgotten\".",
            Advice = "Look at held-out examples.",
            Evidence = new Evidence
            {
                Statistic = "memorized_nats", Value = 12.5, Threshold = double.NaN, WindowFrom = 40, WindowTo = 100, FalseAlarmControl = "average run length 10000 readings", Missing = { "example_ids" },
            },
        };

    public static Notification Firing(string layer = "fc «1»", string run = "run-1") =>
        new(Alert(layer: layer, run: run), "mnist", NotificationStatus.Firing, Start, null) { Page = "http://127.0.0.1:4651/runs/run-1" };

    public static Notification Resolved(string layer = "fc «1»") =>
        Firing(layer) with { Status = NotificationStatus.Resolved, EndsAt = Start.AddMinutes(5), Alert = Alert(2, AlertState.Resolved, layer: layer) };
}
