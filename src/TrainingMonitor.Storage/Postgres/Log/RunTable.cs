using Npgsql;

namespace TrainingMonitor.Storage.Postgres.Log;

/// <summary>The statements on the table of the runs.</summary>
internal sealed class RunTable(PostgresDatabase database)
{
    /// <summary>Takes a run over. Returns the new epoch and the last position of its log.</summary>
    public Task<(long Epoch, long Position)> ClaimAsync(string runId, string owner, CancellationToken cancellationToken) => database.RunAsync(
        async (connection, cancel) =>
        {
            await using var command = new NpgsqlCommand(
                $"""
                INSERT INTO {database.Schema}.run AS r (run_id, epoch, owner, claimed) VALUES ($1, 1, $2, now())
                ON CONFLICT (run_id) DO UPDATE SET epoch = r.epoch + 1, owner = $2, claimed = now()
                RETURNING epoch, position
                """,
                connection);
            command.Parameters.Add(new NpgsqlParameter { Value = runId });
            command.Parameters.Add(new NpgsqlParameter { Value = owner });
            await using var reader = await command.ExecuteReaderAsync(cancel);
            await reader.ReadAsync(cancel);
            return (reader.GetInt64(0), reader.GetInt64(1));
        },
        cancellationToken);

    /// <summary>Runs whose promised report is overdue, longest overdue first.</summary>
    public Task<IReadOnlyList<string>> OverdueAsync(TimeSpan grace, int limit, CancellationToken cancellationToken) => database.RunAsync<IReadOnlyList<string>>(
        async (connection, cancel) =>
        {
            await using var command = new NpgsqlCommand($"SELECT run_id FROM {database.Schema}.run WHERE due < now() - $1 ORDER BY due, run_id LIMIT $2", connection);
            command.Parameters.Add(new NpgsqlParameter { Value = grace });
            command.Parameters.Add(new NpgsqlParameter { Value = limit });
            await using var reader = await command.ExecuteReaderAsync(cancel);
            var runs = new List<string>();
            while (await reader.ReadAsync(cancel))
            {
                runs.Add(reader.GetString(0));
            }

            return runs;
        },
        cancellationToken);
}
