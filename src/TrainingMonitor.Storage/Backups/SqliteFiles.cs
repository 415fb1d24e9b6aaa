using System.Globalization;
using Microsoft.Data.Sqlite;

namespace TrainingMonitor.Storage.Backups;

/// <summary>Copies and checks SQLite files.</summary>
internal static class SqliteFiles
{
    /// <summary>A copy of one moment, beside whoever writes: a reader of its own in WAL mode.</summary>
    /// <exception cref="SqliteException">It cannot be read, or the copy not written.</exception>
    public static void Copy(string path, string target)
    {
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = "VACUUM INTO $target";
        command.Parameters.AddWithValue("$target", target);
        command.ExecuteNonQuery();
    }

    /// <summary>Null, or what is wrong with a file.</summary>
    public static string? Problem(string path)
    {
        try
        {
            using var connection = Open(path);
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA integrity_check(1)";
            var answer = Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture);
            return answer == "ok" ? null : answer;
        }
        catch (SqliteException error)
        {
            return error.Message;
        }
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ToString());
        connection.Open();
        return connection;
    }
}
