using System.Globalization;
using System.Text;
using DuckDB.NET.Data;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>Run-level series, probes and scalars in buckets, aggregated by DuckDB.</summary>
internal static class SeriesReader
{
    private const int DefaultBuckets = 1000;
    private const int MaxBuckets = 2000;

    public static SeriesResponse Read(DuckDBConnection connection, RunEntry run, SeriesRequest request)
    {
        var selection = Selection.Create(connection, run.Key, request);
        var names = request.Names.Distinct(StringComparer.Ordinal).ToList();
        var response = new SeriesResponse();
        if (request.HasLayer)
        {
            response.Series.AddRange(LayerReader.Read(connection, selection, run, names, request.Layer, Buckets(request)));
            return response;
        }

        var columns = names.Where(name => SeriesCatalog.TryGetRun(name, out _)).ToList();
        var found = new Dictionary<string, List<Protocol.V1.Series>>(StringComparer.Ordinal);
        if (columns.Count > 0)
        {
            ReadSource(connection, selection.Points(columns), columns, Buckets(request), found);
        }

        foreach (var name in names)
        {
            if (Named(name) is var (table, key) && table is not null)
            {
                ReadSource(connection, selection.Named(table), [name], Buckets(request), found, key);
            }

            response.Series.AddRange(found.GetValueOrDefault(name, []));
        }

        return response;
    }

    public static int Buckets(SeriesRequest request) => request.MaxBuckets == 0 ? DefaultBuckets : (int)Math.Min(request.MaxBuckets, MaxBuckets);

    /// <summary>Unit of a series; empty for a user's.</summary>
    public static string Unit(string name) => SeriesCatalog.TryGetRun(name, out var series) ? SeriesCatalog.Info(series).Unit : "";

    /// <summary>Reads how many points there are and where, for a grid.</summary>
    public static BucketGrid Grid(DuckDBConnection connection, string source, int buckets, params ReadOnlySpan<string> text) => connection.Query(
        row => new BucketGrid(buckets, row.GetInt64(2), row.IsDBNull(0) ? 0 : row.GetDouble(0), row.IsDBNull(1) ? 0 : row.GetDouble(1)),
        $"SELECT min(x), max(x), count(*) FROM ({source})",
        text)[0];

    private static (string? Table, string Key) Named(string name)
    {
        if (name.StartsWith(SeriesNames.ScalarPrefix, StringComparison.Ordinal))
        {
            return ("scalars", name[SeriesNames.ScalarPrefix.Length..]);
        }

        return name.StartsWith(SeriesNames.ProbePrefix, StringComparison.Ordinal) ? ("probes", name[SeriesNames.ProbePrefix.Length..]) : (null, "");
    }

    private static void ReadSource(
        DuckDBConnection connection,
        string source,
        List<string> names,
        int buckets,
        Dictionary<string, List<Protocol.V1.Series>> found,
        params ReadOnlySpan<string> text)
    {
        var grid = Grid(connection, source, buckets, text);
        var columns = new StringBuilder();
        for (var i = 0; i < names.Count; i++)
        {
            columns.Append(
                CultureInfo.InvariantCulture,
                $", max(x) FILTER (v{i} IS NOT NULL), min(v{i}) FILTER (isfinite(v{i})), max(v{i}) FILTER (isfinite(v{i})), arg_max(v{i}, step) FILTER (isfinite(v{i})), count(*) FILTER (isfinite(v{i})), count(v{i})");
        }

        var sql = $"SELECT attempt, segment, bucket{columns} FROM (SELECT *, {grid.Expression()} AS bucket FROM ({source})) GROUP BY attempt, segment, bucket ORDER BY attempt, segment, bucket";
        foreach (var name in names)
        {
            found[name] = [];
        }

        connection.Query(
            row =>
            {
                for (var i = 0; i < names.Count; i++)
                {
                    var column = 3 + (6 * i);
                    var (count, present) = (row.GetInt64(column + 4), row.GetInt64(column + 5));
                    if (present > 0)
                    {
                        var series = For(found[names[i]], names[i], row.GetInt32(0), row.GetInt32(1));
                        series.X.Add(row.GetDouble(column));
                        series.Min.Add(Value(row, column + 1));
                        series.Max.Add(Value(row, column + 2));
                        series.Last.Add(Value(row, column + 3));
                        series.Count.Add((ulong)count);
                        series.NonFinite.Add((ulong)(present - count));
                    }
                }

                return 0;
            },
            sql,
            text);
    }

    private static double Value(DuckDBDataReader row, int column) => row.IsDBNull(column) ? double.NaN : row.GetDouble(column);

    private static Protocol.V1.Series For(List<Protocol.V1.Series> list, string name, int attempt, int segment)
    {
        if (list is [.., var last] && last.Attempt == attempt && last.Segment == segment)
        {
            return last;
        }

        var series = new Protocol.V1.Series { Name = name, Unit = Unit(name), Attempt = (uint)attempt, Segment = (uint)segment };
        list.Add(series);
        return series;
    }
}
