using Npgsql;

namespace TrainingMonitor.Storage.Postgres;

/// <summary>Makes the tables, or brings them up to date. Nodes that start at once wait for each other.</summary>
internal static class PostgresSchema
{
    /// <summary>Step n of the list leads from version n to n + 1. A step that has been released is never changed.</summary>
    private static readonly string[] Steps =
    [
        // Columns that change with each commit are in no index, so that such an update stays on its page; due is in whole seconds for the same reason.
        // Bodies and states are packed or do not pack: EXTERNAL keeps the server from trying.
        """
        CREATE TABLE {0}.run (
            run_id text COLLATE "C" PRIMARY KEY,
            epoch bigint NOT NULL,
            owner text NOT NULL,
            position bigint NOT NULL DEFAULT 0,
            log_bytes bigint NOT NULL DEFAULT 0,
            due timestamptz,
            claimed timestamptz NOT NULL) WITH (fillfactor = 50);
        CREATE INDEX run_due ON {0}.run (due) WHERE due IS NOT NULL;
        CREATE TABLE {0}.log (
            run_id text COLLATE "C" NOT NULL,
            first bigint NOT NULL,
            last bigint NOT NULL,
            epoch bigint NOT NULL,
            written timestamptz NOT NULL,
            body bytea NOT NULL,
            PRIMARY KEY (run_id, first));
        ALTER TABLE {0}.log ALTER COLUMN body SET STORAGE EXTERNAL;
        CREATE TABLE {0}.snapshot (
            run_id text COLLATE "C" NOT NULL,
            position bigint NOT NULL,
            epoch bigint NOT NULL,
            saved timestamptz NOT NULL,
            checksum bigint NOT NULL,
            state bytea NOT NULL,
            rejected text,
            PRIMARY KEY (run_id, position));
        ALTER TABLE {0}.snapshot ALTER COLUMN state SET STORAGE EXTERNAL;
        CREATE TABLE {0}.member (
            address text COLLATE "C" PRIMARY KEY,
            start uuid NOT NULL,
            ingest text NOT NULL,
            joined boolean NOT NULL,
            entered timestamptz NOT NULL,
            beat timestamptz NOT NULL);
        CREATE TABLE {0}.formation (
            single boolean PRIMARY KEY CHECK (single),
            address text NOT NULL,
            start uuid NOT NULL,
            allowed timestamptz);
        INSERT INTO {0}.formation VALUES (true, '', '00000000-0000-0000-0000-000000000000', NULL);
        """,
    ];

    /// <summary>Makes or upgrades the schema.</summary>
    /// <exception cref="InvalidOperationException">A newer program has made it.</exception>
    public static async Task<bool> PrepareAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock(hashtextextended('trainmon schema {schema}', 0))", cancellationToken);
        // CREATE SCHEMA IF NOT EXISTS asks for the right to create one even where it exists.
        if (await ScalarAsync(connection, $"SELECT to_regnamespace('{schema}')::text", cancellationToken) is not string)
        {
            await ExecuteAsync(connection, $"CREATE SCHEMA {schema}", cancellationToken);
        }

        await ExecuteAsync(connection, $"CREATE TABLE IF NOT EXISTS {schema}.version (number integer NOT NULL)", cancellationToken);
        var version = await ScalarAsync(connection, $"SELECT max(number) FROM {schema}.version", cancellationToken) as int? ?? 0;
        if (version > Steps.Length)
        {
            throw new InvalidOperationException(
                $"The schema {schema} in PostgreSQL has version {version}, made by a newer program; this one knows version {Steps.Length}. Start the newer program, or restore a backup that is older than it.");
        }

        for (var step = version; step < Steps.Length; step++)
        {
            await ExecuteAsync(connection, Steps[step].Replace("{0}", schema, StringComparison.Ordinal), cancellationToken);
            await ExecuteAsync(connection, $"DELETE FROM {schema}.version; INSERT INTO {schema}.version VALUES ({step + 1})", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
