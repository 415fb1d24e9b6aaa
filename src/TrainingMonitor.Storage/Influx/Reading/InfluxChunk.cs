using System.Globalization;
using System.Text.Json;
using TrainingMonitor.Storage.Influx.Lines;

namespace TrainingMonitor.Storage.Influx.Reading;

/// <summary>Rows of one series as a query gives them, valid until the next chunk is asked for.</summary>
internal sealed class InfluxChunk
{
    private readonly Dictionary<string, int> columns = new(StringComparer.Ordinal);
    private readonly JsonElement series;

    public InfluxChunk(JsonElement series)
    {
        this.series = series;
        foreach (var column in series.GetProperty("columns").EnumerateArray())
        {
            // Of names that come twice (a tag and a field) the first counts.
            columns.TryAdd(column.GetString()!, columns.Count);
        }
    }

    public IEnumerable<string> Columns => columns.Keys;

    public IEnumerable<JsonElement> Rows => series.GetProperty("values").EnumerateArray();

    /// <summary>A tag, as it was before it was written; empty where absent.</summary>
    public string Tag(string key) =>
        series.TryGetProperty("tags", out var tags) && tags.TryGetProperty(key, out var value) ? LineEscape.Decode(value.GetString() ?? "") : "";

    public int IntTag(string key) => int.Parse(Tag(key), CultureInfo.InvariantCulture);

    public long? Integer(JsonElement row, string column) => Cell(row, column) is { ValueKind: JsonValueKind.Number } cell ? (cell.TryGetInt64(out var whole) ? whole : (long)cell.GetDouble()) : null;

    public double? Number(JsonElement row, string column) => Cell(row, column) is { ValueKind: JsonValueKind.Number } cell ? cell.GetDouble() : null;

    public bool? Truth(JsonElement row, string column) => Cell(row, column) switch { { ValueKind: JsonValueKind.True } => true, { ValueKind: JsonValueKind.False } => false, _ => null };

    public string? Text(JsonElement row, string column) => Cell(row, column) is { ValueKind: JsonValueKind.String } cell ? cell.GetString() : null;

    public byte[] Bytes(JsonElement row, string column) => Convert.FromBase64String(Text(row, column) ?? "");

    private JsonElement? Cell(JsonElement row, string column) => columns.TryGetValue(column, out var index) ? row[index] : null;
}
