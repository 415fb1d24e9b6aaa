using System.Globalization;
using Microsoft.Data.Sqlite;

namespace TrainingMonitor.Notifications.Keeping;

/// <summary>Opens the file of notifications, with its schema. A damaged file is moved aside and a new one started.</summary>
internal static class NotificationFile
{
    private const int SchemaVersion = 1, Corrupt = 11, NotADatabase = 26;

    private const string Schema = """
        CREATE TABLE runs (run TEXT PRIMARY KEY, ordinal INTEGER NOT NULL, time_ns INTEGER NOT NULL, ended_ms INTEGER, touched_ms INTEGER NOT NULL);
        CREATE TABLE alerts (id TEXT PRIMARY KEY, run TEXT NOT NULL, project TEXT NOT NULL, ordinal INTEGER NOT NULL, firing INTEGER NOT NULL, held INTEGER NOT NULL,
            starts_ms INTEGER NOT NULL, ends_ms INTEGER, receivers TEXT NOT NULL, body BLOB NOT NULL, touched_ms INTEGER NOT NULL);
        CREATE INDEX alerts_run ON alerts (run, firing);
        CREATE TABLE queue (id INTEGER PRIMARY KEY AUTOINCREMENT, receiver TEXT NOT NULL, alert TEXT NOT NULL, project TEXT NOT NULL, status INTEGER NOT NULL,
            starts_ms INTEGER NOT NULL, ends_ms INTEGER, note TEXT NOT NULL, body BLOB NOT NULL, queued_ms INTEGER NOT NULL);
        CREATE INDEX queue_receiver ON queue (receiver, id);
        CREATE TABLE told (receiver TEXT NOT NULL, alert TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (receiver, alert));
        CREATE TABLE silences (id TEXT PRIMARY KEY, project TEXT NOT NULL, run TEXT NOT NULL, rule TEXT NOT NULL, layer TEXT NOT NULL, severity TEXT NOT NULL,
            created_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, comment TEXT NOT NULL, author TEXT NOT NULL);
        CREATE TABLE acks (alert TEXT PRIMARY KEY, created_ms INTEGER NOT NULL, until_ms INTEGER, comment TEXT NOT NULL, author TEXT NOT NULL);
        """;

    public static SqliteConnection Open(string path, TimeProvider time, Action<string, string> movedAside)
    {
        try
        {
            return OpenChecked(path);
        }
        catch (SqliteException error) when (error.SqliteErrorCode is Corrupt or NotADatabase)
        {
            var aside = path + ".corrupt-" + time.GetUtcNow().ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
            foreach (var part in (string[])["-wal", "-shm", ""])
            {
                if (File.Exists(path + part))
                {
                    File.Move(path + part, aside + part, overwrite: true);
                }
            }

            movedAside(aside, error.Message);
            return OpenChecked(path);
        }
    }

    private static SqliteConnection OpenChecked(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            // FULL: what was taken in survives a power loss, and what was delivered is not delivered again.
            Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            if (Scalar(connection, "PRAGMA quick_check(1)") is var check && check != "ok")
            {
                throw new SqliteException($"quick_check says: {check}", Corrupt);
            }

            var version = int.Parse(Scalar(connection, "PRAGMA user_version"), CultureInfo.InvariantCulture);
            if (version > SchemaVersion)
            {
                throw new SqliteException($"its schema has version {version}, made by a newer program; this one knows {SchemaVersion}", Corrupt);
            }

            if (version == 0)
            {
                Execute(connection, $"BEGIN; {Schema} PRAGMA user_version = {SchemaVersion}; COMMIT;");
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture) ?? "";
    }
}
