using System.ComponentModel.DataAnnotations;

namespace TrainingMonitor.Notifications.Options;

/// <summary>Who is told of alerts: docs/notifications.md.</summary>
public sealed record NotificationOptions
{
    /// <summary>Receivers.</summary>
    public IReadOnlyList<ReceiverOptions> Receivers { get; init; } = [];

    /// <summary>Looked at in order; the first that matches decides, unless it says "continue". None at all: warnings and critical alerts go to every receiver.</summary>
    public IReadOnlyList<RouteOptions> Routes { get; init; } = [];

    /// <summary>Notifications that may wait for one receiver; above it the oldest is dropped.</summary>
    [Range(1, 1_000_000)]
    public int QueueLimit { get; init; } = 10_000;

    /// <summary>A notification that could not be delivered for so long is dropped, hours.</summary>
    [Range(0.01, 8760)]
    public double GiveUpHours { get; init; } = 24;

    /// <summary>An alert that fires when its run ends is told resolved so many minutes later, unless the run comes back.</summary>
    [Range(0, 525_600)]
    public double CloseAfterEndMinutes { get; init; } = 60;

    /// <summary>Names and kinds only: for logs and the printed options.</summary>
    public override string ToString() => Receivers.Count == 0 ? "no receivers" : string.Join(", ", Receivers.Select(r => $"{r.Name} ({r.Kind})"));
}
