using System.Globalization;
using DuckDB.NET.Data;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>Layer windows in tables blocks_1, blocks_2, … by age, under one view. DuckDB gives the room of deleted rows back only by whole row groups
/// (122,880 rows: gigabytes of windows), but that of a dropped table at once. So what is too old is dropped by the table.</summary>
internal sealed class BlockParts
{
    private const string Prefix = "blocks_";

    /// <summary>Packed floats do not shrink: trying every compression on them is most of what a checkpoint would cost.</summary>
    private const string ColumnType = "BLOB USING COMPRESSION uncompressed";

    private readonly DuckDBConnection connection;
    private readonly RetentionOptions options;
    private readonly string path;
    private readonly ILogger logger;
    private readonly List<int> parts;
    private long bytes;

    public BlockParts(DuckDBConnection connection, RetentionOptions options, string path, ILogger logger)
    {
        this.connection = connection;
        this.options = options;
        this.path = path;
        this.logger = logger;
        parts = [.. connection.Query(row => row.GetString(0), "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND starts_with(table_name, ?)", Prefix)
            .Select(name => int.Parse(name[Prefix.Length..], CultureInfo.InvariantCulture))
            .Order()];
        if (parts.Count == 0)
        {
            Begin(1);
        }
        else
        {
            Schema.AddColumns(connection, Current, ColumnType, LayerNames);
            CreateView();
            bytes = EstimateBytes();
        }
    }

    /// <summary>The table that windows are added to.</summary>
    public string Current => Table(parts[^1]);

    private static IEnumerable<string> LayerNames => Enum.GetValues<LayerSeries>().Select(series => SeriesCatalog.Info(series).Name);

    /// <summary>After a commit: begins a new part where this one is full, and drops the oldest while the file is above its cap.</summary>
    /// <returns>Whether <see cref="Current"/> has changed.</returns>
    public bool Tidy(long written)
    {
        bytes += written;
        if (bytes < options.PartBytes)
        {
            return false;
        }

        Begin(parts[^1] + 1);
        connection.Execute("CHECKPOINT");
        for (var used = Used(); used > options.DiskCapBytes && parts.Count > 1; used = Used())
        {
            using (var transaction = connection.BeginTransaction())
            {
                connection.Execute($"DROP TABLE {Table(parts[0])}");
                parts.RemoveAt(0);
                CreateView();
                transaction.Commit();
            }

            connection.Execute("CHECKPOINT");
            DuckDbMessages.Retained(logger, path, used, options.DiskCapBytes);
        }

        return true;
    }

    private static string Table(int part) => Prefix + part.ToString(CultureInfo.InvariantCulture);

    private void Begin(int part)
    {
        using var transaction = connection.BeginTransaction();
        connection.Execute(
            $"""
            CREATE TABLE {Table(part)} (run INTEGER NOT NULL, attempt INTEGER NOT NULL, segment INTEGER NOT NULL, first_step BIGINT NOT NULL, last_step BIGINT NOT NULL,
                width BIGINT NOT NULL, time_ns BIGINT NOT NULL, layer_table INTEGER NOT NULL, {string.Join(", ", LayerNames.Select(name => Sql.Name(name) + " " + ColumnType))})
            """);
        parts.Add(part);
        CreateView();
        transaction.Commit();
        bytes = 0;
    }

    /// <summary>By name: an older part has fewer columns.</summary>
    private void CreateView() => connection.Execute("CREATE OR REPLACE VIEW blocks AS " + string.Join(" UNION ALL BY NAME ", parts.Select(part => $"SELECT * FROM {Table(part)}")));

    private long EstimateBytes()
    {
        var size = string.Join(" + ", LayerNames.Select(name => $"coalesce(octet_length({Sql.Name(name)}), 0)"));
        return connection.Query(
            row => row.IsDBNull(1) ? 0 : (long)(row.GetInt64(0) * row.GetDouble(1)),
            $"SELECT (SELECT count(*) FROM {Current}), (SELECT avg({size}) FROM (SELECT * FROM {Current} LIMIT 100))")[0];
    }

    private long Used() => connection.Query(row => row.GetInt64(0), "SELECT (block_size * used_blocks)::BIGINT FROM pragma_database_size()")[0];
}
