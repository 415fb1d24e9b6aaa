using System.Data.Common;
using Google.Protobuf;
using Npgsql;
using NpgsqlTypes;
using TrainingMonitor.Notifications.Keeping;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Postgres;

namespace TrainingMonitor.Runs.Alerts;

/// <summary>Notifications that the nodes of a cluster share, in PostgreSQL: docs/design/142. Does not close the store.</summary>
public sealed class PostgresNotifications : ISharedNotifications
{
    private readonly PostgresStore store;
    private readonly string delivery;

    /// <summary>Uses tables of a store.</summary>
    public PostgresNotifications(PostgresStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        this.store = store;
        Prefix = $"{store.Schema}.notify_";
        delivery = $"{Prefix}delivery";
    }

    /// <inheritdoc/>
    public string Prefix { get; }

    /// <inheritdoc/>
    public DbConnection Rent() => store.Open();

    /// <inheritdoc/>
    public void Return(DbConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        connection.Dispose();
    }

    /// <inheritdoc/>
    /// <remarks>The row is locked to the end of the transaction: transactions of all nodes come one after the other, as those on one server's file do, and none of an
    /// earlier epoch comes after one of a later.</remarks>
    public void Enter(DbTransaction transaction, long epoch)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"SELECT epoch FROM {delivery} FOR UPDATE";
        if (command.ExecuteScalar() is not long current || (epoch != 0 && epoch != current))
        {
            throw new DeliveryLostException();
        }
    }

    /// <inheritdoc/>
    public Task PostAsync(string run, string project, IReadOnlyList<Alert> alerts, bool? ended, CancellationToken cancellationToken) => store.RunAsync(
        async (connection, cancel) =>
        {
            await using var batch = new NpgsqlBatch(connection);
            if (alerts.Count > 0)
            {
                // One that still waits is left as it is; one that has been taken is known by its ordinal to whoever takes it again.
                var post = new NpgsqlBatchCommand(
                    $"""
                    INSERT INTO {Prefix}inbox (run, project, ordinal, time_ns, body, posted)
                    SELECT $1, $2, a.ordinal, a.time_ns, a.body, now() FROM unnest($3, $4, $5) WITH ORDINALITY AS a (ordinal, time_ns, body, place) ORDER BY a.place
                    ON CONFLICT (run, ordinal, time_ns) WHERE body IS NOT NULL DO NOTHING
                    """);
                post.Parameters.Add(new NpgsqlParameter { Value = run });
                post.Parameters.Add(new NpgsqlParameter { Value = project });
                post.Parameters.Add(Array(NpgsqlDbType.Bigint, alerts.Select(alert => (long)alert.Ordinal).ToArray()));
                post.Parameters.Add(Array(NpgsqlDbType.Bigint, alerts.Select(alert => alert.TimeUnixNs).ToArray()));
                post.Parameters.Add(Array(NpgsqlDbType.Bytea, alerts.Select(alert => alert.ToByteArray()).ToArray()));
                batch.BatchCommands.Add(post);
            }

            if (ended is { } over)
            {
                var end = new NpgsqlBatchCommand($"INSERT INTO {Prefix}inbox (run, project, ordinal, time_ns, ended, posted) VALUES ($1, $2, 0, 0, $3, now())");
                end.Parameters.Add(new NpgsqlParameter { Value = run });
                end.Parameters.Add(new NpgsqlParameter { Value = project });
                end.Parameters.Add(new NpgsqlParameter { Value = over });
                batch.BatchCommands.Add(end);
            }

            return batch.BatchCommands.Count == 0 ? 0 : await batch.ExecuteNonQueryAsync(cancel);
        },
        cancellationToken);

    /// <inheritdoc/>
    public long? Hold(Guid node, string owner, TimeSpan length)
    {
        using var connection = store.Open();
        using var command = new NpgsqlCommand(
            $"""
            UPDATE {delivery} SET epoch = CASE WHEN node = $1 THEN epoch ELSE epoch + 1 END, node = $1, owner = $2, until = clock_timestamp() + $3
            WHERE node = $1 OR until < clock_timestamp() RETURNING epoch
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = node });
        command.Parameters.Add(new NpgsqlParameter { Value = owner });
        command.Parameters.Add(new NpgsqlParameter { Value = length });
        return command.ExecuteScalar() as long?;
    }

    /// <inheritdoc/>
    public void LetGo(Guid node)
    {
        using var connection = store.Open();
        using var command = new NpgsqlCommand($"UPDATE {delivery} SET until = '-infinity' WHERE node = $1", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = node });
        command.ExecuteNonQuery();
    }

    /// <summary>Nothing: the store belongs to whoever opened it.</summary>
    public void Dispose()
    {
    }

    private static NpgsqlParameter<T[]> Array<T>(NpgsqlDbType element, T[] values) => new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | element };
}
