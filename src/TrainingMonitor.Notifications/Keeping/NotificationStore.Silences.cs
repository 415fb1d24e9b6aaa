using TrainingMonitor.Notifications.Silencing;

namespace TrainingMonitor.Notifications.Keeping;

/// <content>Silences and acknowledgements.</content>
internal sealed partial class NotificationStore
{
    public IReadOnlyList<Silence> Silences(DateTimeOffset now) => Read(
        row => new Silence
        {
            Id = row.GetString(0), Project = row.GetString(1), Run = row.GetString(2), Rule = row.GetString(3), Layer = row.GetString(4), Severity = row.GetString(5),
            Created = Time(row.GetInt64(6)), Until = Time(row.GetInt64(7)), Comment = row.GetString(8), Author = row.GetString(9),
        },
        $"SELECT id, project, run, rule, layer, severity, created_ms, until_ms, comment, author FROM {prefix}silences WHERE until_ms > @now ORDER BY until_ms, id",
        ("@now", Ms(now)));

    public void Add(Silence silence) => Execute(
        $"INSERT INTO {prefix}silences VALUES (@id, @project, @run, @rule, @layer, @severity, @created, @until, @comment, @author)",
        ("@id", silence.Id), ("@project", silence.Project), ("@run", silence.Run), ("@rule", silence.Rule), ("@layer", silence.Layer), ("@severity", silence.Severity),
        ("@created", Ms(silence.Created)), ("@until", Ms(silence.Until)), ("@comment", silence.Comment), ("@author", silence.Author));

    /// <summary>False: there is none of that name.</summary>
    public bool RemoveSilence(string id, DateTimeOffset now) => Execute($"DELETE FROM {prefix}silences WHERE id = @id AND until_ms > @now", ("@id", id), ("@now", Ms(now))) > 0;

    public IReadOnlyList<Acknowledgement> Acknowledgements(DateTimeOffset now) => Read(
        row => new Acknowledgement(row.GetString(0), Time(row.GetInt64(1)), TimeOrNull(row, 2), row.GetString(3), row.GetString(4)),
        $"SELECT alert, created_ms, until_ms, comment, author FROM {prefix}acks WHERE until_ms IS NULL OR until_ms > @now ORDER BY created_ms, alert",
        ("@now", Ms(now)));

    public void Add(Acknowledgement ack) => Execute(
        $"INSERT INTO {prefix}acks VALUES (@alert, @created, @until, @comment, @author) ON CONFLICT (alert) DO UPDATE SET created_ms = @created, until_ms = @until, comment = @comment, author = @author",
        ("@alert", ack.AlertId), ("@created", Ms(ack.Created)), ("@until", OrNull(ack.Until)), ("@comment", ack.Comment), ("@author", ack.Author));

    /// <summary>False: nobody looks after that alert.</summary>
    public bool RemoveAcknowledgement(string alert) => Execute($"DELETE FROM {prefix}acks WHERE alert = @alert", ("@alert", alert)) > 0;

    /// <summary>Forgets what is over.</summary>
    public void RemoveExpired(DateTimeOffset now) => Begin(() =>
        Execute($"DELETE FROM {prefix}silences WHERE until_ms <= @now", ("@now", Ms(now))) + Execute($"DELETE FROM {prefix}acks WHERE until_ms <= @now", ("@now", Ms(now))));
}
