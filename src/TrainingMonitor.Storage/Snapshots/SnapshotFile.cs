using System.Globalization;
using Microsoft.Data.Sqlite;

namespace TrainingMonitor.Storage.Snapshots;

/// <summary>Opens the file of the snapshot store, with its schema.</summary>
internal static class SnapshotFile
{
    private const int SchemaVersion = 1;
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    /// <summary>Opens the file; a damaged one is moved aside first.</summary>
    public static SqliteConnection Open(string path, Action<string, string> report, TimeProvider time)
    {
        try
        {
            return OpenChecked(path);
        }
        catch (SqliteException error) when (IsDamage(error))
        {
            return StartAnew(path, error.Message, report, time);
        }
    }

    /// <summary>Moves the file aside and starts a new one.</summary>
    public static SqliteConnection StartAnew(string path, string reason, Action<string, string> report, TimeProvider time)
    {
        var aside = FileAside.Move(path, time, "-wal", "-shm");
        report(aside, reason);
        return OpenChecked(path);
    }

    public static bool IsDamage(SqliteException error) => error.SqliteErrorCode is Corrupt or NotADatabase;

    private static SqliteConnection OpenChecked(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            // FULL: a commit survives a power loss, so the frame log may be released up to it. NORMAL could bring an older state back.
            Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000;");
            if (Scalar(connection, "PRAGMA quick_check(1)") is var check && check != "ok")
            {
                throw new SqliteException($"quick_check says: {check}", Corrupt);
            }

            Migrate(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Migrate(SqliteConnection connection)
    {
        var version = int.Parse(Scalar(connection, "PRAGMA user_version"), CultureInfo.InvariantCulture);
        if (version > SchemaVersion)
        {
            throw new SqliteException($"its schema has version {version}, made by a newer program; this one knows {SchemaVersion}", Corrupt);
        }

        if (version == 0)
        {
            Execute(
                connection,
                $"""
                BEGIN;
                CREATE TABLE snapshots (run_id TEXT NOT NULL, position INTEGER NOT NULL, crc INTEGER NOT NULL, saved_unix_ms INTEGER NOT NULL, state BLOB NOT NULL,
                    PRIMARY KEY (run_id, position));
                CREATE TABLE rejected (run_id TEXT NOT NULL, position INTEGER NOT NULL, crc INTEGER NOT NULL, saved_unix_ms INTEGER NOT NULL, state BLOB NOT NULL,
                    reason TEXT NOT NULL);
                PRAGMA user_version = {SchemaVersion};
                COMMIT;
                """);
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
