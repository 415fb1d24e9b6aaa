using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using Npgsql;
using TrainingMonitor.Storage.Shared;

namespace TrainingMonitor.Storage.Postgres;

/// <summary>What the nodes of a cluster share, in PostgreSQL: one for each node. docs/design/140.</summary>
public sealed class PostgresStore : IAsyncDisposable
{
    private readonly PostgresDatabase database;
    private readonly PostgresRuns runs;

    private PostgresStore(PostgresDatabase database, TimeProvider time)
    {
        this.database = database;
        runs = new PostgresRuns(database, Counters, time);
        Members = new PostgresMembers(database);
    }

    /// <summary>Logs, snapshots and owners of the runs.</summary>
    public ISharedRuns Runs => runs;

    /// <summary>The nodes.</summary>
    public IMemberBook Members { get; }

    /// <summary>Schema of the tables.</summary>
    public string Schema => database.Schema;

    /// <summary>A connection for other tables of the schema. Whoever opens it closes it.</summary>
    /// <exception cref="NpgsqlException">The database does not answer. Npgsql itself throws what the socket threw where a connection breaks as it is made, and who waits for a
    /// database's error would not see it.</exception>
    public NpgsqlConnection Open()
    {
        try
        {
            return database.Source.OpenConnection();
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException or TimeoutException)
        {
            throw new NpgsqlException($"PostgreSQL does not answer: {error.Message}", error);
        }
    }

    /// <summary>What has been written.</summary>
    public PostgresCounters Counters { get; } = new();

    /// <summary>Connects, and makes or upgrades the tables. Several nodes may do so at once.</summary>
    /// <param name="options">Options; validated.</param>
    /// <param name="loggers">Where failures are said.</param>
    /// <param name="time">Clock that paces the groups. Times in the tables are the database's.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ValidationException">An option is out of range.</exception>
    /// <exception cref="IOException">The database does not answer.</exception>
    /// <exception cref="NpgsqlException">It refuses: password, rights, no such database.</exception>
    /// <exception cref="InvalidOperationException">A newer program has made the tables.</exception>
    public static async Task<PostgresStore> OpenAsync(PostgresOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggers);
        ArgumentNullException.ThrowIfNull(time);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        var opened = new PostgresDatabase(options, loggers, time);
        try
        {
            await opened.RunAsync((connection, cancel) => PostgresSchema.PrepareAsync(connection, options.Schema, cancel), cancellationToken);
            await opened.RunAsync((connection, cancel) => WarnAsync(opened.Logger, connection, cancel), cancellationToken);
            return new PostgresStore(opened, time);
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs statements on other tables of the schema, which may be repeated: whatever is transient is tried again for a while.</summary>
    /// <exception cref="IOException">The database does not answer.</exception>
    public Task<T> RunAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken) => database.RunAsync(work, cancellationToken);

    /// <summary>Makes everything appended durable, if the database lets it, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await runs.DisposeAsync();
        await database.DisposeAsync();
    }

    private static async Task<bool> WarnAsync(ILogger logger, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT name FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') AND setting = 'off'", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            PostgresMessages.NotDurable(logger, reader.GetString(0));
        }

        return true;
    }
}
