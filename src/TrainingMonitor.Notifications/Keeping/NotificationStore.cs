using System.Globalization;
using Microsoft.Data.Sqlite;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Notifications.Keeping;

/// <summary>Alerts, queues, silences and acknowledgements in one SQLite file. Everything that is done between <see cref="Begin"/> and its commit is durable together.
/// Thread-safe: one at a time.</summary>
internal sealed partial class NotificationStore : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly Lock gate = new();
    private SqliteTransaction? open;

    public NotificationStore(string path, TimeProvider time, Action<string, string> movedAside) => connection = NotificationFile.Open(path, time, movedAside);

    public void Dispose()
    {
        lock (gate)
        {
            connection.Dispose();
        }
    }

    /// <summary>Does several things as one.</summary>
    public T Begin<T>(Func<T> work)
    {
        lock (gate)
        {
            if (open is not null)
            {
                return work();
            }

            open = connection.BeginTransaction();
            try
            {
                var result = work();
                open.Commit();
                return result;
            }
            finally
            {
                open.Dispose();
                open = null;
            }
        }
    }

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static long Ms(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static object OrNull(DateTimeOffset? time) => time is { } known ? Ms(known) : DBNull.Value;

    private static DateTimeOffset? TimeOrNull(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : Time(reader.GetInt64(column));

    private static Alert Parse(SqliteDataReader reader, int column) => Alert.Parser.ParseFrom(reader.GetFieldValue<byte[]>(column));

    private int Execute(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        lock (gate)
        {
            using var command = Command(sql, values);
            return command.ExecuteNonQuery();
        }
    }

    private long Number(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        lock (gate)
        {
            using var command = Command(sql, values);
            return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
        }
    }

    private List<T> Read<T>(Func<SqliteDataReader, T> row, string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        lock (gate)
        {
            using var command = Command(sql, values);
            using var reader = command.ExecuteReader();
            var rows = new List<T>();
            while (reader.Read())
            {
                rows.Add(row(reader));
            }

            return rows;
        }
    }

    private SqliteCommand Command(string sql, ReadOnlySpan<(string Name, object Value)> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = open;
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
