using System.Globalization;
using DuckDB.NET.Data;
using TrainingMonitor.Estimation.Series;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>Layer series in buckets, from packed windows.</summary>
internal static class LayerReader
{
    /// <summary>Series of one layer, or of all.</summary>
    public static List<Protocol.V1.Series> Read(DuckDBConnection connection, Selection selection, RunEntry run, IReadOnlyList<string> names, string? layer, int buckets)
    {
        var known = names.Where(name => SeriesCatalog.TryGetLayer(name, out _)).ToList();
        var tables = Tables(connection, run, layer);
        if (known.Count == 0 || tables.Count == 0)
        {
            return [];
        }

        var filter = $" WHERE layer_table IN ({string.Join(',', tables.Keys.Select(id => id.ToString(CultureInfo.InvariantCulture)))})";
        var grid = SeriesReader.Grid(connection, $"SELECT x FROM ({selection.Blocks([])}){filter}", buckets);
        var builders = new Dictionary<(int Name, string Layer, int Attempt, int Segment), BucketBuilder>();
        connection.Query(
            row =>
            {
                var (attempt, segment, x) = (row.GetInt32(0), row.GetInt32(1), row.GetDouble(3));
                for (var i = 0; i < known.Count; i++)
                {
                    if (row.IsDBNull(5 + i))
                    {
                        continue;
                    }

                    var blob = row.Bytes(5 + i);
                    foreach (var (name, index) in tables[row.GetInt32(4)])
                    {
                        var key = (i, name, attempt, segment);
                        if (!builders.TryGetValue(key, out var builder))
                        {
                            builders.Add(key, builder = new BucketBuilder(grid));
                        }

                        builder.Add(x, LayerBlob.Unpack(blob, index));
                    }
                }

                return 0;
            },
            $"SELECT * FROM ({selection.Blocks(known)}){filter} ORDER BY attempt, segment, x, last_step");
        return [.. builders
            .OrderBy(item => (item.Key.Name, item.Key.Attempt, item.Key.Segment))
            .Select(item => item.Value.Build(new Protocol.V1.Series
            {
                Name = known[item.Key.Name],
                Unit = SeriesCatalog.TryGetLayer(known[item.Key.Name], out var series) ? SeriesCatalog.Info(series).Unit : "",
                Layer = item.Key.Layer,
                Attempt = (uint)item.Key.Attempt,
                Segment = (uint)item.Key.Segment,
            }))
            .Where(series => series.X.Count > 0)];
    }

    /// <summary>For each layer table the layers asked for, with their index.</summary>
    public static Dictionary<int, List<(string Name, int Index)>> Tables(DuckDBConnection connection, RunEntry run, string? layer) => connection
        .Query(row => (Id: row.GetInt32(0), Names: NameList.Unpack(row.Bytes(1))), $"SELECT id, names FROM layer_tables WHERE run = {run.Key} ORDER BY id")
        .Select(table => (table.Id, Layers: table.Names.Select((name, index) => (name, index)).Where(item => layer is null || item.name == layer).ToList()))
        .Where(table => table.Layers.Count > 0)
        .ToDictionary(table => table.Id, table => table.Layers);
}
