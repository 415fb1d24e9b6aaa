using System.Globalization;
using DuckDB.NET.Data;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>Tables of the store. No primary keys and no indexes: they would live in memory whole. A run has a number, its key in all other tables.
/// A value is NULL where absent and NaN where the trainer sent one that is not finite.</summary>
internal static class Schema
{
    public const int Version = 1;

    private static readonly string[] Steps =
    [
        """
        CREATE TABLE run_keys (run INTEGER NOT NULL, run_id VARCHAR NOT NULL);
        CREATE TABLE commits (run INTEGER NOT NULL, position BIGINT NOT NULL);
        CREATE TABLE runs (run INTEGER NOT NULL, position BIGINT NOT NULL, project VARCHAR NOT NULL, updated_ns BIGINT NOT NULL, summary BLOB NOT NULL, detail BLOB NOT NULL);
        CREATE TABLE points (run INTEGER NOT NULL, attempt INTEGER NOT NULL, segment INTEGER NOT NULL, step BIGINT NOT NULL, time_ns BIGINT NOT NULL);
        CREATE TABLE layer_tables (id INTEGER NOT NULL, run INTEGER NOT NULL, version INTEGER NOT NULL, names BLOB NOT NULL);
        CREATE TABLE probes (run INTEGER NOT NULL, attempt INTEGER NOT NULL, segment INTEGER NOT NULL, step BIGINT NOT NULL, time_ns BIGINT NOT NULL,
            name VARCHAR NOT NULL, value DOUBLE NOT NULL, standard_error DOUBLE, converged BOOLEAN NOT NULL, "rank" INTEGER NOT NULL, evaluations INTEGER NOT NULL, seconds DOUBLE NOT NULL);
        CREATE TABLE scalars (run INTEGER NOT NULL, attempt INTEGER NOT NULL, segment INTEGER NOT NULL, step BIGINT NOT NULL, time_ns BIGINT NOT NULL,
            name VARCHAR NOT NULL, value DOUBLE NOT NULL);
        CREATE TABLE alerts (run INTEGER NOT NULL, ordinal UBIGINT NOT NULL, id VARCHAR NOT NULL, rule VARCHAR NOT NULL, layer VARCHAR NOT NULL, severity INTEGER NOT NULL,
            state INTEGER NOT NULL, attempt INTEGER NOT NULL, segment INTEGER NOT NULL, step BIGINT NOT NULL, time_ns BIGINT NOT NULL, body BLOB NOT NULL);
        CREATE TABLE series_seen (run INTEGER NOT NULL, name VARCHAR NOT NULL, per_layer BOOLEAN NOT NULL);
        """,
    ];

    /// <summary>Brings the schema up to date, and adds a column for each run-level series that the file has not.</summary>
    /// <exception cref="InvalidDataException">A newer program has written the file.</exception>
    public static void Migrate(DuckDBConnection connection, TimeProvider time)
    {
        connection.Execute("CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER NOT NULL, applied_unix_ms BIGINT NOT NULL)");
        var version = connection.Query(row => row.GetInt32(0), "SELECT coalesce(max(version), 0)::INTEGER FROM schema_versions")[0];
        if (version > Version)
        {
            throw new InvalidDataException($"its schema has version {version}, made by a newer program; this one knows {Version}");
        }

        for (; version < Version; version++)
        {
            using var transaction = connection.BeginTransaction();
            connection.Execute(Steps[version]);
            connection.Execute(string.Create(
                CultureInfo.InvariantCulture,
                $"INSERT INTO schema_versions VALUES ({version + 1}, {time.GetUtcNow().ToUnixTimeMilliseconds()})"));
            transaction.Commit();
        }

        AddColumns(connection, "points", "DOUBLE", Enum.GetValues<RunSeries>().Select(series => SeriesCatalog.Info(series).Name));
    }

    /// <summary>Columns of a table in order: what an appender goes by.</summary>
    public static List<string> Columns(DuckDBConnection connection, string table) =>
        connection.Query(row => row.GetString(0), "SELECT column_name FROM duckdb_columns() WHERE table_name = ? AND schema_name = 'main' AND NOT internal ORDER BY column_index", table);

    /// <summary>Adds the columns that a table lacks.</summary>
    public static void AddColumns(DuckDBConnection connection, string table, string type, IEnumerable<string> names)
    {
        foreach (var name in names.Except(Columns(connection, table), StringComparer.Ordinal).ToList())
        {
            connection.Execute($"ALTER TABLE {table} ADD COLUMN {Sql.Name(name)} {type}");
        }
    }
}
