using Google.Protobuf;
using TrainingMonitor.Notifications.Delivery;

namespace TrainingMonitor.Notifications.Keeping;

/// <content>What waits for receivers.</content>
internal sealed partial class NotificationStore
{
    /// <summary>Puts something into a receiver's queue; returns how many old ones had to go for it.</summary>
    public int Enqueue(string receiver, Notification notification, int limit, DateTimeOffset now) => Begin(() =>
    {
        Execute(
            $"INSERT INTO {prefix}queue (receiver, alert, project, status, starts_ms, ends_ms, note, body, queued_ms) VALUES (@receiver, @alert, @project, @status, @starts, @ends, @note, @body, @now)",
            ("@receiver", receiver), ("@alert", notification.Alert.Id), ("@project", notification.Project), ("@status", (int)notification.Status), ("@starts", Ms(notification.StartsAt)),
            ("@ends", OrNull(notification.EndsAt)), ("@note", notification.Note), ("@body", notification.Alert.ToByteArray()), ("@now", Ms(now)));
        var over = Waiting(receiver) - limit;
        return over <= 0 ? 0 : Execute(
            $"DELETE FROM {prefix}queue WHERE id IN (SELECT id FROM {prefix}queue WHERE receiver = @receiver ORDER BY id LIMIT @over)", ("@receiver", receiver), ("@over", over));
    });

    public int Waiting(string receiver) => (int)Number($"SELECT count(*) FROM {prefix}queue WHERE receiver = @receiver", ("@receiver", receiver));

    /// <summary>Whether something about an alert waits for a receiver.</summary>
    public bool IsWaiting(string receiver, string alert) =>
        Number($"SELECT count(*) FROM {prefix}queue WHERE receiver = @receiver AND alert = @alert", ("@receiver", receiver), ("@alert", alert)) > 0;

    /// <summary>The oldest that wait.</summary>
    public IReadOnlyList<QueuedNotification> Peek(string receiver, int most) => Read(
        row => new QueuedNotification(
            row.GetInt64(0),
            new Notification(Parse(row, 1), row.GetString(2), (NotificationStatus)row.GetInt32(3), Time(row.GetInt64(4)), TimeOrNull(row, 5)) { Note = row.GetString(6) },
            Time(row.GetInt64(7))),
        $"SELECT id, body, project, status, starts_ms, ends_ms, note, queued_ms FROM {prefix}queue WHERE receiver = @receiver ORDER BY id LIMIT @most",
        ("@receiver", receiver), ("@most", most));

    /// <summary>Takes what was delivered, refused or given up out of the queue.</summary>
    public void Remove(IEnumerable<QueuedNotification> settled) => Begin(() =>
    {
        foreach (var notification in settled)
        {
            Execute($"DELETE FROM {prefix}queue WHERE id = @id", ("@id", notification.Id));
        }

        return true;
    });

    /// <summary>Drops what waits for receivers that are not configured any more; returns how much that was.</summary>
    public int RemoveOthers(IReadOnlyCollection<string> receivers) => Begin(() =>
    {
        var removed = 0;
        foreach (var gone in Read(row => row.GetString(0), $"SELECT receiver FROM {prefix}queue UNION SELECT receiver FROM {prefix}told").Except(receivers, StringComparer.Ordinal))
        {
            removed += Execute($"DELETE FROM {prefix}queue WHERE receiver = @gone", ("@gone", gone));
            Execute($"DELETE FROM {prefix}told WHERE receiver = @gone", ("@gone", gone));
        }

        return removed;
    });
}
