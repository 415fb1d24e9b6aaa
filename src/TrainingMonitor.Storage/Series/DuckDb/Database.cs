using DuckDB.NET.Data;
using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>The database file: opens it, moves a damaged one aside, gives connections.</summary>
internal sealed class Database
{
    private static readonly string[] Circumstances =
        ["Could not set lock", "Permission denied", "No space left", "Cannot open file", "Read-only file system", "Out of Memory", "Too many open files"];

    private readonly string connectionString;

    private Database(DuckDbOptions options)
    {
        Path = options.Path;
        connectionString = new DuckDBConnectionStringBuilder
        {
            DataSource = options.Path,
            ["memory_limit"] = $"{options.MemoryLimitMegabytes}MiB",
            ["threads"] = $"{options.Threads}",
            ["wal_autocheckpoint"] = $"{options.CheckpointMegabytes}MiB",
            ["autoinstall_known_extensions"] = "false",
            ["autoload_known_extensions"] = "false",
        }.ToString();
    }

    public string Path { get; }

    /// <summary>What is committed and not yet in the file.</summary>
    public string WriteAheadLog => Path + ".wal";

    /// <summary>Where a damaged file was moved; null: there was none.</summary>
    public string? MovedAside { get; private set; }

    public static (Database Database, DuckDBConnection Writer) Open(DuckDbOptions options, ILogger logger, TimeProvider time)
    {
        var database = new Database(options);
        try
        {
            return (database, database.OpenMigrated(time));
        }
        catch (Exception error) when (IsDamage(error))
        {
            database.MovedAside = FileAside.Move(options.Path, time, ".wal");
            DuckDbMessages.FileMovedAside(logger, options.Path, error.Message, database.MovedAside);
            return (database, database.OpenMigrated(time));
        }
    }

    public DuckDBConnection Connect()
    {
        var connection = new DuckDBConnection(connectionString);
        connection.Open();
        return connection;
    }

    /// <summary>A file that another process holds, that may not be read or for which there is no room is not damaged.</summary>
    private static bool IsDamage(Exception error) => error switch
    {
        InvalidDataException => true,
        DuckDBException duck => !IsCircumstance(duck.Message),
        _ => false,
    };

    private static bool IsCircumstance(string message) =>
        Circumstances.Any(text => message.Contains(text, StringComparison.OrdinalIgnoreCase));

    private DuckDBConnection OpenMigrated(TimeProvider time)
    {
        var connection = Connect();
        try
        {
            Schema.Migrate(connection, time);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
