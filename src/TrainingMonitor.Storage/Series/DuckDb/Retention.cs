using System.Globalization;
using DuckDB.NET.Data;
using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>Keeps the file below its cap: deletes the oldest layer windows. DuckDB uses the freed blocks again; the file itself does not shrink.</summary>
internal sealed class Retention(RetentionOptions options, string path, ILogger logger)
{
    /// <summary>Share of the windows that goes in one round.</summary>
    private const double Share = 0.1;
    private long checkedAt;

    /// <summary>Looks at the cap when enough layer windows have been written since the last look.</summary>
    public void Check(DuckDBConnection connection, long layerBytes)
    {
        if (layerBytes - checkedAt < options.CheckEveryBytes)
        {
            return;
        }

        checkedAt = layerBytes;
        connection.Execute("CHECKPOINT");
        for (var used = Used(connection); used > options.DiskCapBytes; used = Used(connection))
        {
            var cut = connection.Query(row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0), string.Create(CultureInfo.InvariantCulture, $"SELECT quantile_disc(time_ns, {Share}) FROM blocks"))[0];
            if (cut is null)
            {
                return;
            }

            var rows = connection.Query(row => row.GetInt64(0), $"SELECT count(*) FROM blocks WHERE time_ns <= {cut}")[0];
            connection.Execute($"DELETE FROM blocks WHERE time_ns <= {cut}");
            connection.Execute("CHECKPOINT");
            DuckDbMessages.Retained(logger, path, used, options.DiskCapBytes, rows);
        }
    }

    private static long Used(DuckDBConnection connection) =>
        connection.Query(row => row.GetInt64(0), "SELECT (block_size * used_blocks)::BIGINT FROM pragma_database_size()")[0];
}
