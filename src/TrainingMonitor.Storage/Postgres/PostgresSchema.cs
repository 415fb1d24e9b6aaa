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
        // Delivery of alerts: docs/design/142. The columns are those of the one server's file.
        """
        CREATE TABLE {0}.notify_delivery (
            single boolean PRIMARY KEY CHECK (single),
            epoch bigint NOT NULL,
            node uuid NOT NULL,
            owner text NOT NULL,
            until timestamptz NOT NULL);
        INSERT INTO {0}.notify_delivery VALUES (true, 0, '00000000-0000-0000-0000-000000000000', '', '-infinity');
        CREATE TABLE {0}.notify_inbox (
            number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            run text COLLATE "C" NOT NULL,
            project text NOT NULL,
            ordinal bigint NOT NULL,
            time_ns bigint NOT NULL,
            body bytea,
            ended boolean,
            posted timestamptz NOT NULL);
        CREATE UNIQUE INDEX notify_inbox_alert ON {0}.notify_inbox (run, ordinal, time_ns) WHERE body IS NOT NULL;
        CREATE TABLE {0}.notify_runs (run text COLLATE "C" PRIMARY KEY, ordinal bigint NOT NULL, time_ns bigint NOT NULL, ended_ms bigint, touched_ms bigint NOT NULL);
        CREATE TABLE {0}.notify_alerts (
            id text COLLATE "C" PRIMARY KEY,
            run text COLLATE "C" NOT NULL,
            project text NOT NULL,
            ordinal bigint NOT NULL,
            firing boolean NOT NULL,
            held boolean NOT NULL,
            starts_ms bigint NOT NULL,
            ends_ms bigint,
            receivers text NOT NULL,
            body bytea NOT NULL,
            touched_ms bigint NOT NULL);
        CREATE INDEX notify_alerts_run ON {0}.notify_alerts (run, firing);
        CREATE TABLE {0}.notify_queue (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            receiver text COLLATE "C" NOT NULL,
            alert text COLLATE "C" NOT NULL,
            project text NOT NULL,
            status integer NOT NULL,
            starts_ms bigint NOT NULL,
            ends_ms bigint,
            note text NOT NULL,
            body bytea NOT NULL,
            queued_ms bigint NOT NULL);
        CREATE INDEX notify_queue_receiver ON {0}.notify_queue (receiver, id);
        CREATE TABLE {0}.notify_told (receiver text COLLATE "C", alert text COLLATE "C", at_ms bigint NOT NULL, PRIMARY KEY (receiver, alert));
        CREATE TABLE {0}.notify_silences (
            id text COLLATE "C" PRIMARY KEY,
            project text NOT NULL,
            run text NOT NULL,
            rule text NOT NULL,
            layer text NOT NULL,
            severity text NOT NULL,
            created_ms bigint NOT NULL,
            until_ms bigint NOT NULL,
            comment text NOT NULL,
            author text NOT NULL);
        CREATE TABLE {0}.notify_acks (alert text COLLATE "C" PRIMARY KEY, created_ms bigint NOT NULL, until_ms bigint, comment text NOT NULL, author text NOT NULL);
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
