using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Storage.Log.Files;

namespace TrainingMonitor.Storage.Snapshots;

/// <summary>Snapshots in one SQLite file, the two newest of each run. One connection on one thread; a damaged file is moved aside, at the start or later.</summary>
public sealed class SqliteSnapshotStore : ISnapshotStore
{
    private const int Kept = 2;
    private readonly string path;
    private readonly ILogger<SqliteSnapshotStore> logger;
    private readonly TimeProvider time;
    private readonly OwnerThread owner;
    private readonly List<string> movedAside = [];
    private SqliteConnection connection;

    private SqliteSnapshotStore(string path, ILogger<SqliteSnapshotStore> logger, TimeProvider time)
    {
        this.path = path;
        this.logger = logger;
        this.time = time;
        connection = SnapshotFile.Open(path, Report, time);
        owner = new OwnerThread("snapshots", capacity: 1024);
    }

    /// <summary>Files that were damaged and moved aside.</summary>
    public IReadOnlyList<string> MovedAside
    {
        get
        {
            lock (movedAside)
            {
                return [.. movedAside];
            }
        }
    }

    /// <summary>Opens the file, or starts one.</summary>
    /// <param name="path">The SQLite file; its folder exists.</param>
    /// <param name="logger">Where damage is said.</param>
    /// <param name="time">Clock of the time stamps.</param>
    /// <exception cref="SqliteException">The file cannot be opened for another reason than damage (permission, disk full).</exception>
    public static SqliteSnapshotStore Open(string path, ILogger<SqliteSnapshotStore> logger, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(logger);
        ArgumentNullException.ThrowIfNull(time);
        return new SqliteSnapshotStore(path, logger, time);
    }

    /// <inheritdoc/>
    public Task SaveAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return RunAsync(() => Save(snapshot), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Snapshot?> LoadAsync(string runId, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        return RunAsync(() => Load(runId), cancellationToken);
    }

    /// <inheritdoc/>
    public Task RejectAsync(Snapshot snapshot, string reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return RunAsync(() => Reject(snapshot.RunId, snapshot.Position, reason), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, long>> PositionsAsync(CancellationToken cancellationToken) => PositionsAsync("max", cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, long>> FallbackPositionsAsync(CancellationToken cancellationToken) => PositionsAsync("min", cancellationToken);

    /// <inheritdoc/>
    public Task<long> FallbackPositionAsync(string runId, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        return RunAsync(
            () =>
            {
                using var command = connection.CreateCommand();
                command.CommandText = "SELECT coalesce(min(position), 0) FROM snapshots WHERE run_id = $run";
                command.Parameters.AddWithValue("$run", runId);
                return (long)command.ExecuteScalar()!;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await owner.DisposeAsync();
        await connection.DisposeAsync();
    }

    private Task<IReadOnlyDictionary<string, long>> PositionsAsync(string which, CancellationToken cancellationToken) => RunAsync<IReadOnlyDictionary<string, long>>(
        () =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"SELECT run_id, {which}(position) FROM snapshots GROUP BY run_id";
            using var reader = command.ExecuteReader();
            var positions = new Dictionary<string, long>(StringComparer.Ordinal);
            while (reader.Read())
            {
                positions.Add(reader.GetString(0), reader.GetInt64(1));
            }

            return positions;
        },
        cancellationToken);

    private Task<T> RunAsync<T>(Func<T> function, CancellationToken cancellationToken) => owner.RunAsync(
        () =>
        {
            try
            {
                return function();
            }
            catch (SqliteException error) when (SnapshotFile.IsDamage(error))
            {
                connection.Dispose();
                connection = SnapshotFile.StartAnew(path, error.Message, Report, time);
                return function();
            }
        },
        cancellationToken);

    private bool Save(Snapshot snapshot)
    {
        using var transaction = connection.BeginTransaction();
        Execute(
            "INSERT OR REPLACE INTO snapshots (run_id, position, crc, saved_unix_ms, state) VALUES ($run, $position, $crc, $time, $state)",
            ("$run", snapshot.RunId),
            ("$position", snapshot.Position),
            ("$crc", (long)Crc32C.Compute(snapshot.State)),
            ("$time", time.GetUtcNow().ToUnixTimeMilliseconds()),
            ("$state", snapshot.State));
        Execute(
            $"""
            DELETE FROM snapshots WHERE run_id = $run AND position NOT IN
                (SELECT position FROM snapshots WHERE run_id = $run ORDER BY position DESC LIMIT {Kept})
            """,
            ("$run", snapshot.RunId));
        transaction.Commit();
        return true;
    }

    private Snapshot? Load(string runId)
    {
        while (true)
        {
            Snapshot snapshot;
            using (var command = connection.CreateCommand())
            {
                command.CommandText = "SELECT position, crc, state FROM snapshots WHERE run_id = $run ORDER BY position DESC LIMIT 1";
                command.Parameters.AddWithValue("$run", runId);
                using var reader = command.ExecuteReader();
                if (!reader.Read())
                {
                    return null;
                }

                snapshot = new Snapshot(runId, reader.GetInt64(0), reader.GetFieldValue<byte[]>(2));
                if (reader.GetInt64(1) == Crc32C.Compute(snapshot.State))
                {
                    return snapshot;
                }
            }

            Reject(runId, snapshot.Position, "its checksum does not hold");
        }
    }

    private bool Reject(string runId, long position, string reason)
    {
        using var transaction = connection.BeginTransaction();
        Execute(
            "INSERT INTO rejected (run_id, position, crc, saved_unix_ms, state, reason) SELECT run_id, position, crc, saved_unix_ms, state, $reason FROM snapshots WHERE run_id = $run AND position = $position",
            ("$run", runId),
            ("$position", position),
            ("$reason", reason));
        Execute("DELETE FROM snapshots WHERE run_id = $run AND position = $position", ("$run", runId), ("$position", position));
        transaction.Commit();
        SnapshotMessages.Rejected(logger, runId, position, reason);
        return true;
    }

    private void Execute(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.ExecuteNonQuery();
    }

    private void Report(string aside, string reason)
    {
        SnapshotMessages.FileMovedAside(logger, path, reason, aside);
        lock (movedAside)
        {
            movedAside.Add(aside);
        }
    }
}
