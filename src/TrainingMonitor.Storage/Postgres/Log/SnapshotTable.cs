using Npgsql;
using TrainingMonitor.Storage.Log.Files;
using TrainingMonitor.Storage.Shared;
using TrainingMonitor.Storage.Snapshots;

namespace TrainingMonitor.Storage.Postgres.Log;

/// <summary>The statements on the table of the snapshots. A state is packed, and its checksum is that of the packed bytes.</summary>
internal sealed class SnapshotTable(PostgresDatabase database)
{
    private const int Kept = 2;

    /// <summary>More rows than come between two snapshots; what is left goes with the next one.</summary>
    private const int MostPruned = 1024;

    private readonly string schema = database.Schema;

    /// <summary>Deletes the oldest rows of a run's log that no intact snapshot needs, as far as the log is above its size. $1 run, $2 epoch, $3 bytes that are kept.</summary>
    /// <remarks>Each part is read once, whatever the planner believes: joined, without statistics it takes each for a single row and nests them, and a save costs the square of the log's length.
    /// With fewer than two intact snapshots the fallback is the log from its start, and nothing goes.</remarks>
    internal static string Pruning(string schema) =>
        $"""
        WITH this AS MATERIALIZED (SELECT log_bytes - $3 AS surplus FROM {schema}.run WHERE run_id = $1 AND epoch = $2 AND log_bytes > $3),
        needed AS MATERIALIZED (SELECT min(position) AS position FROM {schema}.snapshot WHERE run_id = $1 AND rejected IS NULL HAVING count(*) >= {Kept}),
        oldest AS MATERIALIZED (
            SELECT first, octet_length(body)::bigint AS bytes FROM {schema}.log
            WHERE run_id = $1 AND last <= (SELECT position FROM needed) AND EXISTS (SELECT FROM this)
            ORDER BY first LIMIT {MostPruned}),
        summed AS MATERIALIZED (SELECT first, sum(bytes) OVER (ORDER BY first) - bytes AS before FROM oldest),
        gone AS (
            DELETE FROM {schema}.log
            WHERE run_id = $1 AND first <= (SELECT max(first) FROM summed WHERE before < (SELECT surplus FROM this))
            RETURNING octet_length(body)::bigint AS bytes)
        UPDATE {schema}.run SET log_bytes = log_bytes - (SELECT sum(bytes) FROM gone)::bigint WHERE run_id = $1 AND epoch = $2 AND EXISTS (SELECT FROM gone)
        """;

    /// <summary>Saves one, keeps the one before it, and deletes log that neither needs, above what is kept for recordings.</summary>
    /// <exception cref="FencedException">The run belongs to somebody else.</exception>
    public Task SaveAsync(Snapshot snapshot, long epoch, CancellationToken cancellationToken)
    {
        var packed = PackedState.Pack(snapshot.State);
        return database.RunAsync((connection, cancel) => SaveAsync(connection, snapshot, packed, epoch, cancel), cancellationToken);
    }

    /// <summary>Newest intact one.</summary>
    public Task<Snapshot?> LoadAsync(string runId, CancellationToken cancellationToken) => database.RunAsync(
        async (connection, cancel) =>
        {
            while (true)
            {
                var (position, checksum, packed) = await NewestAsync(connection, runId, cancel);
                if (packed is null)
                {
                    return null;
                }

                if (checksum == Crc32C.Compute(packed) && PackedState.TryUnpack(packed, out var state))
                {
                    return new Snapshot(runId, position, state);
                }

                await RejectAsync(connection, runId, position, "its checksum does not hold", cancel);
            }
        },
        cancellationToken);

    /// <summary>Marks one as unusable.</summary>
    public Task RejectAsync(string runId, long position, string reason, CancellationToken cancellationToken) =>
        database.RunAsync((connection, cancel) => RejectAsync(connection, runId, position, reason, cancel), cancellationToken);

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }

    /// <summary>One batch, which is one transaction and one round trip: a node that is stopped here holds no lock.</summary>
    private async Task<bool> SaveAsync(NpgsqlConnection connection, Snapshot snapshot, byte[] packed, long epoch, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Command($"SELECT epoch, position FROM {schema}.run WHERE run_id = $1 FOR UPDATE", snapshot.RunId));
        batch.BatchCommands.Add(Command(
            $"""
            INSERT INTO {schema}.snapshot (run_id, position, epoch, saved, checksum, state)
            SELECT run_id, $2, epoch, now(), $4, $5 FROM {schema}.run WHERE run_id = $1 AND epoch = $3 AND position >= $2
            ON CONFLICT (run_id, position) DO UPDATE SET epoch = excluded.epoch, saved = excluded.saved, checksum = excluded.checksum, state = excluded.state, rejected = NULL
            """,
            snapshot.RunId, snapshot.Position, epoch, (long)Crc32C.Compute(packed), packed));
        batch.BatchCommands.Add(Command(
            $"""
            DELETE FROM {schema}.snapshot WHERE run_id = $1 AND rejected IS NULL AND EXISTS (SELECT FROM {schema}.run WHERE run_id = $1 AND epoch = $2)
                AND position NOT IN (SELECT position FROM {schema}.snapshot WHERE run_id = $1 AND rejected IS NULL ORDER BY position DESC LIMIT {Kept})
            """,
            snapshot.RunId, epoch));
        batch.BatchCommands.Add(Command(Pruning(schema), snapshot.RunId, epoch, database.Options.RunLogBytes));

        long storedEpoch = 0, storedPosition = 0;
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            if (await reader.ReadAsync(cancellationToken))
            {
                (storedEpoch, storedPosition) = (reader.GetInt64(0), reader.GetInt64(1));
            }

            await reader.CloseAsync();
        }

        if (storedEpoch != epoch)
        {
            throw new FencedException(snapshot.RunId, epoch);
        }

        return storedPosition >= snapshot.Position
            ? true
            : throw new InvalidOperationException($"A snapshot of run {snapshot.RunId} at {snapshot.Position} is ahead of its log, which is durable up to {storedPosition}.");
    }

    private async Task<(long Position, long Checksum, byte[]? Packed)> NewestAsync(NpgsqlConnection connection, string runId, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"SELECT position, checksum, state FROM {schema}.snapshot WHERE run_id = $1 AND rejected IS NULL ORDER BY position DESC LIMIT 1", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = runId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2)) : (0, 0, null);
    }

    private async Task<bool> RejectAsync(NpgsqlConnection connection, string runId, long position, string reason, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"UPDATE {schema}.snapshot SET rejected = $3 WHERE run_id = $1 AND position = $2", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = runId });
        command.Parameters.Add(new NpgsqlParameter { Value = position });
        command.Parameters.Add(new NpgsqlParameter { Value = reason });
        await command.ExecuteNonQueryAsync(cancellationToken);
        PostgresMessages.Rejected(database.Logger, runId, position, reason);
        return true;
    }
}
