using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Storage.Influx.Series;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Influx.Reading;

/// <summary>Puts the windows of single layers together again.</summary>
internal sealed class BlockBuilder(LayerSeries[] series)
{
    private readonly SortedDictionary<(int Attempt, int Segment, long First, int Table), List<Window>> windows = [];

    public void Add(InfluxChunk chunk)
    {
        var (attempt, segment, layer) = (chunk.IntTag("attempt"), chunk.IntTag("segment"), chunk.Tag("layer"));
        foreach (var row in chunk.Rows)
        {
            var first = chunk.Integer(row, "step")!.Value;
            var key = (attempt, segment, first, (int)(chunk.Integer(row, "table") ?? 0));
            if (!windows.TryGetValue(key, out var list))
            {
                windows.Add(key, list = []);
            }

            list.Add(new Window(
                layer,
                chunk.Integer(row, "index") ?? 0,
                chunk.Integer(row, "width") ?? 1,
                chunk.Integer(row, "last_step") ?? first,
                chunk.Integer(row, "time")!.Value,
                [.. series.Select(one => Values(chunk, row, InfluxSchema.LayerFields[(int)one]))]));
        }
    }

    public List<LayerBlock> Build() => [.. windows.Select(item => Build(item.Key, [.. item.Value.OrderBy(window => window.Index)]))];

    private LayerBlock Build((int Attempt, int Segment, long First, int Table) key, Window[] layers)
    {
        var size = SeriesCatalog.LayerCount * layers.Length;
        var block = new LayerBlock(
            key.Attempt, key.Segment, key.First, layers[0].Width, layers[0].Last, layers[0].Time, key.Table, [.. layers.Select(layer => layer.Layer)],
            new int[size], new int[size], Unknown(size), Unknown(size), Unknown(size), Unknown(size));
        for (var layer = 0; layer < layers.Length; layer++)
        {
            for (var s = 0; s < series.Length; s++)
            {
                var i = ((int)series[s] * layers.Length) + layer;
                (block.Count[i], block.NonFinite[i], block.Min[i], block.Max[i], block.Mean[i], block.Last[i]) = layers[layer].Values[s];
            }
        }

        return block;
    }

    private static (int Count, int NonFinite, float Min, float Max, float Mean, float Last) Values(InfluxChunk chunk, System.Text.Json.JsonElement row, LayerFields fields)
    {
        var mean = (float)(chunk.Number(row, fields.Mean.Name) ?? double.NaN);
        float Float(string name) => (float?)chunk.Number(row, name) ?? mean;
        return (
            (int)(chunk.Integer(row, fields.Count.Name) ?? (float.IsNaN(mean) ? 0 : 1)), (int)(chunk.Integer(row, fields.NonFinite.Name) ?? 0),
            Float(fields.Min.Name), Float(fields.Max.Name), mean, Float(fields.Last.Name));
    }

    private static float[] Unknown(int size)
    {
        var values = new float[size];
        Array.Fill(values, float.NaN);
        return values;
    }

    private sealed record Window(
        string Layer, long Index, long Width, long Last, long Time, (int Count, int NonFinite, float Min, float Max, float Mean, float Last)[] Values);
}
