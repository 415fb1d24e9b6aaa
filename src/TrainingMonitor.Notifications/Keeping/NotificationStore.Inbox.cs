namespace TrainingMonitor.Notifications.Keeping;

/// <content>What the nodes of a cluster have put in for whoever delivers. Only a shared database has an inbox.</content>
internal sealed partial class NotificationStore
{
    /// <summary>The oldest entries, in the order they came.</summary>
    public IReadOnlyList<InboxEntry> Inbox(int most) => Read(
        row => new InboxEntry(row.GetInt64(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : Parse(row, 3), row.IsDBNull(4) ? null : row.GetBoolean(4)),
        $"SELECT number, run, project, body, ended FROM {prefix}inbox ORDER BY number LIMIT @most", ("@most", most));

    public void RemoveFromInbox(IEnumerable<InboxEntry> taken) => Begin(() =>
    {
        foreach (var entry in taken)
        {
            Execute($"DELETE FROM {prefix}inbox WHERE number = @number", ("@number", entry.Number));
        }

        return true;
    });
}
