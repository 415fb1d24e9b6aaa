using Google.Protobuf;

namespace TrainingMonitor.Notifications.Keeping;

/// <content>Alerts and the runs they belong to.</content>
internal sealed partial class NotificationStore
{
    private const string Columns = "body, project, firing, held, starts_ms, ends_ms, receivers";

    /// <summary>Newest transition taken in of a run; null: none.</summary>
    public (ulong Ordinal, long TimeNs)? Newest(string run) => Read<(ulong, long)?>(
        row => ((ulong)row.GetInt64(0), row.GetInt64(1)), $"SELECT ordinal, time_ns FROM {prefix}runs WHERE run = @run AND ordinal > 0", ("@run", run)).FirstOrDefault();

    public void SetNewest(string run, ulong ordinal, long timeNs, DateTimeOffset now) => Execute(
        $"INSERT INTO {prefix}runs VALUES (@run, @ordinal, @time, NULL, @now) ON CONFLICT (run) DO UPDATE SET ordinal = @ordinal, time_ns = @time, touched_ms = @now",
        ("@run", run), ("@ordinal", (long)ordinal), ("@time", timeNs), ("@now", Ms(now)));

    /// <summary>Says that a run has ended, or (null) goes on.</summary>
    public void SetEnded(string run, DateTimeOffset? ended) => Execute($"UPDATE {prefix}runs SET ended_ms = @ended WHERE run = @run", ("@run", run), ("@ended", OrNull(ended)));

    public DateTimeOffset? Ended(string run) => Read(row => TimeOrNull(row, 0), $"SELECT ended_ms FROM {prefix}runs WHERE run = @run", ("@run", run)).FirstOrDefault();

    public void Save(KnownAlert known, DateTimeOffset now) => Execute(
        $"""
        INSERT INTO {prefix}alerts (id, run, project, ordinal, firing, held, starts_ms, ends_ms, receivers, body, touched_ms)
        VALUES (@id, @run, @project, @ordinal, @firing, @held, @starts, @ends, @receivers, @body, @now)
        ON CONFLICT (id) DO UPDATE SET run = @run, project = @project, ordinal = @ordinal, firing = @firing, held = @held, starts_ms = @starts, ends_ms = @ends,
            receivers = @receivers, body = @body, touched_ms = @now
        """,
        ("@id", known.Alert.Id), ("@run", known.Alert.RunId), ("@project", known.Project), ("@ordinal", (long)known.Alert.Ordinal), ("@firing", known.Firing), ("@held", known.Held),
        ("@starts", Ms(known.StartsAt)), ("@ends", OrNull(known.EndsAt)), ("@receivers", string.Join('\n', known.Receivers)), ("@body", known.Alert.ToByteArray()), ("@now", Ms(now)));

    public KnownAlert? Find(string id) => Read(ToKnown, $"SELECT {Columns} FROM {prefix}alerts WHERE id = @id", ("@id", id)).FirstOrDefault();

    public IReadOnlyList<KnownAlert> Firing() => Read(ToKnown, $"SELECT {Columns} FROM {prefix}alerts WHERE firing = TRUE ORDER BY starts_ms, id");

    /// <summary>Runs with alerts that fire, and the smallest ordinal among those.</summary>
    public IReadOnlyList<(string Run, string Project, ulong Ordinal)> FiringRuns() => Read(
        row => (row.GetString(0), row.GetString(1), (ulong)row.GetInt64(2)), $"SELECT run, max(project), min(ordinal) FROM {prefix}alerts WHERE firing = TRUE GROUP BY run");

    /// <summary>Alerts that fire although their run ended before a time.</summary>
    public IReadOnlyList<(KnownAlert Alert, DateTimeOffset Ended)> FiringOfEnded(DateTimeOffset before) => Read(
        row => (ToKnown(row), Time(row.GetInt64(7))),
        $"SELECT {Columns}, ended_ms FROM {prefix}alerts a JOIN {prefix}runs r ON r.run = a.run WHERE firing = TRUE AND ended_ms <= @before", ("@before", Ms(before)));

    public void SetTold(string receiver, string alert, DateTimeOffset now) =>
        Execute($"INSERT INTO {prefix}told VALUES (@receiver, @alert, @now) ON CONFLICT (receiver, alert) DO UPDATE SET at_ms = @now", ("@receiver", receiver), ("@alert", alert), ("@now", Ms(now)));

    /// <summary>When a receiver was last told of an alert; null: never, or it has ended since.</summary>
    public DateTimeOffset? Told(string receiver, string alert) => Read<DateTimeOffset?>(
        row => Time(row.GetInt64(0)), $"SELECT at_ms FROM {prefix}told WHERE receiver = @receiver AND alert = @alert", ("@receiver", receiver), ("@alert", alert)).FirstOrDefault();

    public void ForgetTold(string alert) => Execute($"DELETE FROM {prefix}told WHERE alert = @alert", ("@alert", alert));

    /// <summary>Forgets what nobody needs any more.</summary>
    public void Prune(DateTimeOffset before) => Begin(() =>
        Execute($"DELETE FROM {prefix}alerts WHERE firing = FALSE AND touched_ms < @before", ("@before", Ms(before)))
        + Execute($"DELETE FROM {prefix}told WHERE alert NOT IN (SELECT id FROM {prefix}alerts)")
        + Execute($"DELETE FROM {prefix}runs WHERE ended_ms < @before AND run NOT IN (SELECT run FROM {prefix}alerts)", ("@before", Ms(before))));

    private static KnownAlert ToKnown(System.Data.Common.DbDataReader row) => new(
        Parse(row, 0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3), Time(row.GetInt64(4)), TimeOrNull(row, 5),
        row.GetString(6).Split('\n', StringSplitOptions.RemoveEmptyEntries));
}
