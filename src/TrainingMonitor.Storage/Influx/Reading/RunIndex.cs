using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Influx.Series;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Influx.Reading;

/// <summary>What there is: positions, rows, series and alerts of runs.</summary>
internal sealed class RunIndex(InfluxQuery query)
{
    /// <summary>Committed position by run.</summary>
    public async Task<Dictionary<string, long>> PositionsAsync(CancellationToken cancellationToken)
    {
        var positions = new Dictionary<string, long>(StringComparer.Ordinal);
        await foreach (var chunk in query.RunAsync("SELECT MAX(\"position\") AS position FROM \"commit\" GROUP BY \"run\"", cancellationToken))
        {
            foreach (var position in chunk.Rows.Select(row => chunk.Integer(row, "position")!.Value).Where(position => position > 0))
            {
                positions[chunk.Tag("run")] = position;
            }
        }

        return positions;
    }

    /// <summary>The newest row of each run, or of one.</summary>
    public async Task<List<RunWrites>> RowsAsync(string? runId, CancellationToken cancellationToken)
    {
        var where = runId is null ? "" : " WHERE " + InfluxQuery.Is(InfluxSchema.RunTag, runId);
        var rows = new List<RunWrites>();
        await foreach (var chunk in query.RunAsync($"SELECT MAX(\"position\") AS position, \"summary\", \"detail\" FROM \"row\"{where} GROUP BY \"run\"", cancellationToken))
        {
            rows.AddRange(chunk.Rows.Select(row => new RunWrites(chunk.Tag("run"), chunk.Integer(row, "position")!.Value)
            {
                Row = new RunRow(chunk.Bytes(row, "summary"), chunk.Bytes(row, "detail")),
            }));
        }

        return rows;
    }

    /// <summary>All alerts of a run, or of all where its id is empty.</summary>
    public async Task<List<RunWrites>> AlertsAsync(string runId, CancellationToken cancellationToken)
    {
        var where = runId.Length == 0 ? "" : " WHERE " + InfluxQuery.Is(InfluxSchema.RunTag, runId);
        var alerts = new List<Alert>();
        await foreach (var chunk in query.RunAsync($"SELECT \"body\" FROM \"alert\"{where}", cancellationToken))
        {
            alerts.AddRange(chunk.Rows.Select(row => Alert.Parser.ParseFrom(chunk.Bytes(row, "body"))));
        }

        return [.. alerts.GroupBy(alert => alert.RunId, StringComparer.Ordinal).Select(group => new RunWrites(group.Key, 1) { Alerts = [.. group.OrderBy(alert => alert.Ordinal)] })];
    }

    /// <summary>Series of a run that have data.</summary>
    public async Task<List<(string Name, bool PerLayer)>> SeriesAsync(string runId, CancellationToken cancellationToken)
    {
        var series = new List<(string, bool)>();
        var run = await FieldsAsync(InfluxSchema.Run.Name, runId, cancellationToken);
        series.AddRange(InfluxSchema.RunFields.Where(field => run.Contains(field.Value.Name) || run.Contains(field.NonFinite.Name)).Select(field => (field.Value.Name, false)));
        series.AddRange((await TagsAsync("probe", "kind", runId, cancellationToken)).Select(kind => (SeriesNames.ProbePrefix + kind, false)));
        series.AddRange((await TagsAsync("scalar", "name", runId, cancellationToken)).Select(name => (SeriesNames.ScalarPrefix + name, false)));
        var layer = await FieldsAsync(InfluxSchema.Layer.Name, runId, cancellationToken);
        series.AddRange(Enum.GetValues<LayerSeries>()
            .Where(one => layer.Contains(InfluxSchema.LayerFields[(int)one].Mean.Name) || layer.Contains(InfluxSchema.LayerFields[(int)one].NonFinite.Name))
            .Select(one => (SeriesCatalog.Info(one).Name, true)));
        return series;
    }

    /// <summary>Fields that have a value.</summary>
    private async Task<HashSet<string>> FieldsAsync(string measurement, string runId, CancellationToken cancellationToken)
    {
        const string Prefix = "last_";
        var fields = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var chunk in query.RunAsync($"SELECT LAST(*) FROM \"{measurement}\" WHERE {InfluxQuery.Is(InfluxSchema.RunTag, runId)}", cancellationToken))
        {
            foreach (var row in chunk.Rows)
            {
                fields.UnionWith(chunk.Columns.Where(column => column.StartsWith(Prefix, StringComparison.Ordinal) && chunk.Number(row, column) is not null).Select(column => column[Prefix.Length..]));
            }
        }

        return fields;
    }

    private async Task<List<string>> TagsAsync(string measurement, string key, string runId, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var chunk in query.RunAsync(
            $"SHOW TAG VALUES FROM \"{measurement}\" WITH KEY = \"{key}\" WHERE {InfluxQuery.Is(InfluxSchema.RunTag, runId)}", cancellationToken))
        {
            names.AddRange(chunk.Rows.Select(row => Lines.LineEscape.Decode(chunk.Text(row, "value") ?? "")));
        }

        return names;
    }
}
