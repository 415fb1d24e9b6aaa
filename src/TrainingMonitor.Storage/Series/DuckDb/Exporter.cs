using System.Globalization;
using DuckDB.NET.Data;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>A run as a file, written by DuckDB's COPY: all segments, nothing left out.</summary>
internal static class Exporter
{
    public static void Export(DuckDBConnection connection, RunEntry run, string path, ExportFormat format, bool layers)
    {
        // Written beside the target and renamed: a reader never sees half a file.
        var part = path + ".part";
        if (layers)
        {
            ExportLayers(connection, run, part, format);
        }
        else
        {
            var seen = connection.Query(row => row.GetString(0), $"SELECT DISTINCT name FROM series_seen WHERE run = {run.Key} AND NOT per_layer").ToHashSet(StringComparer.Ordinal);
            var columns = Schema.Columns(connection, "points").Where(seen.Contains).Select(name => ", " + Sql.Name(name));
            Copy(connection, $"SELECT attempt, segment, step, time_ns{string.Concat(columns)} FROM points WHERE run = {run.Key} ORDER BY attempt, segment, step", part, format);
        }

        File.Move(part, path, overwrite: true);
    }

    private static void ExportLayers(DuckDBConnection connection, RunEntry run, string path, ExportFormat format)
    {
        var names = Schema.Columns(connection, "blocks").Where(name => SeriesCatalog.TryGetLayer(name, out _)).ToList();
        var tables = LayerReader.Tables(connection, run, layer: null);
        connection.Execute(
            """
            CREATE OR REPLACE TEMP TABLE layer_export (attempt INTEGER, segment INTEGER, first_step BIGINT, last_step BIGINT, width BIGINT, time_ns BIGINT, layer VARCHAR,
                series VARCHAR, count INTEGER, non_finite INTEGER, min REAL, max REAL, mean REAL, last REAL)
            """);
        try
        {
            using (var appender = connection.CreateAppender("temp", "main", "layer_export"))
            {
                connection.Query(
                    row =>
                    {
                        Unpack(row, names, tables[row.GetInt32(6)], appender);
                        return 0;
                    },
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"SELECT attempt, segment, first_step, last_step, width, time_ns, layer_table, {string.Join(", ", names.Select(Sql.Name))} FROM blocks WHERE run = {run.Key} ORDER BY attempt, segment, first_step"));
                appender.Close();
            }

            Copy(connection, "SELECT * FROM layer_export", path, format);
        }
        finally
        {
            connection.Execute("DROP TABLE layer_export");
        }
    }

    private static void Unpack(DuckDBDataReader row, List<string> names, List<(string Name, int Index)> layers, DuckDBAppender appender)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (row.IsDBNull(7 + i))
            {
                continue;
            }

            var blob = row.Bytes(7 + i);
            foreach (var (layer, index) in layers)
            {
                var window = LayerBlob.Unpack(blob, index);
                if (window.Count == 0 && window.NonFinite == 0)
                {
                    continue;
                }

                var target = appender.CreateRow();
                target.AppendValue(row.GetInt32(0)).AppendValue(row.GetInt32(1)).AppendValue(row.GetInt64(2)).AppendValue(row.GetInt64(3))
                    .AppendValue(row.GetInt64(4)).AppendValue(row.GetInt64(5)).AppendValue(layer).AppendValue(names[i])
                    .AppendValue(window.Count).AppendValue(window.NonFinite);
                foreach (var value in (ReadOnlySpan<float>)[window.Min, window.Max, window.Mean, window.Last])
                {
                    if (float.IsNaN(value))
                    {
                        target.AppendNullValue();
                    }
                    else
                    {
                        target.AppendValue(value);
                    }
                }

                target.EndRow();
            }
        }
    }

    private static void Copy(DuckDBConnection connection, string query, string path, ExportFormat format)
    {
        var options = format == ExportFormat.Parquet ? "FORMAT parquet, COMPRESSION zstd" : "FORMAT csv, HEADER";
        connection.Execute($"COPY ({query}) TO {Sql.Literal(path)} ({options})");
    }
}
