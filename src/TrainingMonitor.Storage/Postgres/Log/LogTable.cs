using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using TrainingMonitor.Storage.Log;

namespace TrainingMonitor.Storage.Postgres.Log;

/// <summary>The statements on the table of the logs.</summary>
internal sealed class LogTable(PostgresDatabase database)
{
    private const int ChunksAtATime = 8;
    private readonly string schema = database.Schema;

    /// <summary>Writes a group in one transaction and one round trip. An item is written whole or not at all; whoever is not the owner writes nothing.</summary>
    public async Task<GroupOutcome[]> CommitAsync(IReadOnlyList<GroupItem> items, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var batch = new NpgsqlBatch(connection);
        var runIds = items.Select(item => item.Run.RunId).ToArray();

        // In one order, so that two nodes that both believe to own several runs wait for each other instead of dying in a deadlock. A statement of its own:
        // the next one then sees what was committed while this one waited.
        var lockRuns = new NpgsqlBatchCommand($"SELECT 1 FROM {schema}.run WHERE run_id = ANY($1) ORDER BY run_id FOR UPDATE");
        lockRuns.Parameters.Add(Array(NpgsqlDbType.Text, runIds));
        batch.BatchCommands.Add(lockRuns);

        var write = new NpgsqlBatchCommand(
            $"""
            WITH input AS MATERIALIZED (
                SELECT * FROM unnest($1, $2, $3, $4, $5, $6) WITH ORDINALITY AS i (run_id, epoch, first, last, within, body, number)),
            before AS MATERIALIZED (
                SELECT i.number, r.epoch, r.position FROM input i JOIN {schema}.run r USING (run_id)),
            owned AS (
                UPDATE {schema}.run r SET position = i.last, log_bytes = r.log_bytes + octet_length(i.body), due = date_trunc('second', now() + i.within) + interval '1 s'
                FROM input i WHERE r.run_id = i.run_id AND r.epoch = i.epoch AND r.position = i.first - 1
                RETURNING i.number),
            written AS (
                INSERT INTO {schema}.log (run_id, first, last, epoch, written, body)
                SELECT i.run_id, i.first, i.last, i.epoch, now(), i.body FROM input i JOIN owned USING (number) WHERE i.last >= i.first)
            SELECT i.number, owned.number IS NOT NULL, b.epoch, b.position FROM input i LEFT JOIN owned USING (number) LEFT JOIN before b USING (number)
            """);
        write.Parameters.Add(Array(NpgsqlDbType.Text, runIds));
        write.Parameters.Add(Array(NpgsqlDbType.Bigint, items.Select(item => item.Run.Epoch).ToArray()));
        write.Parameters.Add(Array(NpgsqlDbType.Bigint, items.Select(item => item.First).ToArray()));
        write.Parameters.Add(Array(NpgsqlDbType.Bigint, items.Select(item => item.Last).ToArray()));
        write.Parameters.Add(Array(NpgsqlDbType.Interval, items.Select(item => item.Within).ToArray()));
        write.Parameters.Add(Array(NpgsqlDbType.Bytea, items.Select(item => item.Body).ToArray()));
        batch.BatchCommands.Add(write);

        var outcomes = new GroupOutcome[items.Count];
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var index = (int)(reader.GetInt64(0) - 1);
            outcomes[index] = await reader.IsDBNullAsync(2, cancellationToken)
                ? default
                : new GroupOutcome(reader.GetBoolean(1), reader.GetInt64(2), reader.GetInt64(3));
        }

        // The end of the batch is the commit; its failure shows here.
        await reader.CloseAsync();
        return outcomes;
    }

    /// <summary>Records from a position on, a few rows at a time.</summary>
    public async IAsyncEnumerable<FrameRecord> ReadAsync(string runId, long fromPosition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = fromPosition;
        while (true)
        {
            var rows = await database.RunAsync((connection, cancel) => RowsAsync(connection, runId, next, cancel), cancellationToken);
            foreach (var (first, last, body) in rows)
            {
                if (first > next && next > fromPosition)
                {
                    throw new InvalidDataException($"The log of run {runId} has nothing at positions {next} to {first - 1}.");
                }

                foreach (var record in ChunkFormat.Decode(runId, first, last, body))
                {
                    if (record.Position >= fromPosition)
                    {
                        yield return record;
                    }
                }

                next = last + 1;
            }

            if (rows.Count < ChunksAtATime)
            {
                yield break;
            }
        }
    }

    private static NpgsqlParameter<T[]> Array<T>(NpgsqlDbType element, T[] values) =>
        new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | element };

    private async Task<List<(long First, long Last, byte[] Body)>> RowsAsync(NpgsqlConnection connection, string runId, long from, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT first, last, body FROM {schema}.log
            WHERE run_id = $1 AND first >= coalesce((SELECT max(first) FROM {schema}.log WHERE run_id = $1 AND first <= $2), $2) AND last >= $2
            ORDER BY first LIMIT {ChunksAtATime}
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = runId });
        command.Parameters.Add(new NpgsqlParameter { Value = from });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<(long, long, byte[])>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add((reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2)));
        }

        return rows;
    }
}
