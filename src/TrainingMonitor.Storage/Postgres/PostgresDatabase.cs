using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Npgsql;
using TrainingMonitor.Storage.Shared;

namespace TrainingMonitor.Storage.Postgres;

/// <summary>The connections to the database, and how calls on them are repeated.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    private readonly NpgsqlDataSource source;
    private readonly TimeProvider time;

    public PostgresDatabase(PostgresOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        Options = options;
        Logger = loggers.CreateLogger("TrainingMonitor.Storage.Postgres");
        this.time = time;
        var builder = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            CommandTimeout = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds),
            Timeout = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds),
            IncludeErrorDetail = false,
        };
        builder.ApplicationName ??= "trainmon";
        builder.MaxAutoPrepare = builder.MaxAutoPrepare == 0 ? 16 : builder.MaxAutoPrepare;
        // A node that is stopped in the middle of a transaction must not hold its locks for longer than it takes others to notice.
        builder.Options = $"{builder.Options} -c idle_in_transaction_session_timeout=5000".Trim();
        source = new NpgsqlDataSourceBuilder(builder.ConnectionString).Build();
    }

    public PostgresOptions Options { get; }

    public ILogger Logger { get; }

    public string Schema => Options.Schema;

    public NpgsqlDataSource Source => source;

    /// <summary>Worth another try: the connection, the server or a conflict with somebody else is at fault, not the statement.</summary>
    public static bool IsTransient(Exception error) =>
        error is NpgsqlException { IsTransient: true } or SocketException or TimeoutException or (IOException and not FencedException);

    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => source.OpenConnectionAsync(cancellationToken);

    /// <summary>Runs something that may be repeated, for <see cref="PostgresOptions.Patience"/> at least.</summary>
    /// <exception cref="IOException">The database has not answered for so long.</exception>
    public async Task<T> RunAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var wait = TimeSpan.FromMilliseconds(20); ; wait *= 2)
        {
            try
            {
                await using var connection = await OpenAsync(cancellationToken);
                return await work(connection, cancellationToken);
            }
            catch (Exception error) when (IsTransient(error))
            {
                if (time.GetElapsedTime(started) >= Options.Patience)
                {
                    throw new IOException($"PostgreSQL does not answer: {error.Message}", error);
                }

                await Task.Delay(wait < Options.RetryInterval ? wait : Options.RetryInterval, time, cancellationToken);
            }
        }
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
