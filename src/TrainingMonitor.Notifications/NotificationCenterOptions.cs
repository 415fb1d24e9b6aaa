using TrainingMonitor.Notifications.Keeping;
using TrainingMonitor.Notifications.Options;

namespace TrainingMonitor.Notifications;

/// <summary>What a <see cref="NotificationCenter"/> is made of.</summary>
public sealed record NotificationCenterOptions
{
    /// <summary>Receivers and routes, checked.</summary>
    public required NotificationOptions Notifications { get; init; }

    /// <summary>File that queues, silences and acknowledgements are kept in; its folder exists. Not used where they are <see cref="Shared"/>.</summary>
    public string Path { get; init; } = "";

    /// <summary>What the nodes of a cluster share; null: one server, with a file. The center closes it.</summary>
    public ISharedNotifications? Shared { get; init; }

    /// <summary>Name of this node, for people.</summary>
    public string Node { get; init; } = "";

    /// <summary>Page of a run; "{0}" is the escaped run id. Empty: no pages.</summary>
    public string PageFormat { get; init; } = "";

    /// <summary>Address of the server's pages.</summary>
    public string External { get; init; } = "";

    /// <summary>Environment variables, for secrets.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>How often silences, repeats and ended runs are looked at.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time that attempts under way have when the server stops.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(3);
}
