using Npgsql;
using TrainingMonitor.Storage.Shared;

namespace TrainingMonitor.Storage.Postgres;

/// <summary>The book of the nodes in PostgreSQL.</summary>
internal sealed class PostgresMembers(PostgresDatabase database) : IMemberBook
{
    private string Schema => database.Schema;

    public Task BeatAsync(MemberEntry member, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(member);
        return RunAsync(
            $"""
            INSERT INTO {Schema}.member AS m (address, start, ingest, joined, entered, beat) VALUES ($1, $2, $3, $4, now(), now())
            ON CONFLICT (address) DO UPDATE SET start = $2, ingest = $3, joined = $4, beat = now(), entered = CASE WHEN m.start = $2 THEN m.entered ELSE now() END
            """,
            [member.Address, member.Start, member.Ingest, member.Joined],
            cancellationToken);
    }

    public Task<IReadOnlyList<MemberEntry>> LiveAsync(TimeSpan within, CancellationToken cancellationToken) => database.RunAsync<IReadOnlyList<MemberEntry>>(
        async (connection, cancel) =>
        {
            await using var command = new NpgsqlCommand(
                $"SELECT address, start, ingest, joined FROM {Schema}.member WHERE beat > now() - $1 ORDER BY entered, address", connection);
            command.Parameters.Add(new NpgsqlParameter { Value = within });
            await using var reader = await command.ExecuteReaderAsync(cancel);
            var members = new List<MemberEntry>();
            while (await reader.ReadAsync(cancel))
            {
                members.Add(new MemberEntry(reader.GetString(0), reader.GetGuid(1), reader.GetString(2), reader.GetBoolean(3)));
            }

            return members;
        },
        cancellationToken);

    public Task RemoveAsync(string address, Guid start, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(address);
        return RunAsync($"DELETE FROM {Schema}.member WHERE address = $1 AND start = $2", [address, start], cancellationToken);
    }

    public Task<bool> MayFormAsync(MemberEntry member, TimeSpan within, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(member);
        return database.RunAsync(
            async (connection, cancel) =>
            {
                // One batch is one transaction. The second statement sees what was committed while the first waited for its lock.
                await using var batch = new NpgsqlBatch(connection);
                batch.BatchCommands.Add(new NpgsqlBatchCommand($"SELECT 1 FROM {Schema}.formation FOR UPDATE"));
                var allow = new NpgsqlBatchCommand(
                    $"""
                    UPDATE {Schema}.formation SET address = $1, start = $2, allowed = clock_timestamp()
                    WHERE NOT EXISTS (SELECT FROM {Schema}.member WHERE joined AND beat > clock_timestamp() - $3)
                        AND (allowed IS NULL OR allowed <= clock_timestamp() - $3 OR (address = $1 AND start = $2))
                    """);
                Add(allow.Parameters, [member.Address, member.Start, within]);
                batch.BatchCommands.Add(allow);
                await batch.ExecuteNonQueryAsync(cancel);
                return allow.Rows > 0;
            },
            cancellationToken);
    }

    private static void Add(NpgsqlParameterCollection parameters, ReadOnlySpan<object> values)
    {
        foreach (var value in values)
        {
            parameters.Add(new NpgsqlParameter { Value = value });
        }
    }

    private Task<int> RunAsync(string sql, object[] values, CancellationToken cancellationToken) => database.RunAsync(
        async (connection, cancel) =>
        {
            await using var command = new NpgsqlCommand(sql, connection);
            Add(command.Parameters, values);
            return await command.ExecuteNonQueryAsync(cancel);
        },
        cancellationToken);
}
