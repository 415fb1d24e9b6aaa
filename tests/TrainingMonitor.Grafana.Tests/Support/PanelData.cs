using System.Text.Json;
using TrainingMonitor.Grafana.Tests.Dashboards;
using TrainingMonitor.Storage.Tests.Influx;

namespace TrainingMonitor.Grafana.Tests.Support;

/// <summary>Asks for what a panel draws.</summary>
internal static class PanelData
{
    /// <summary>Series that a statement gives.</summary>
    /// <param name="data">Filled server.</param>
    /// <param name="query">Statement with variables.</param>
    /// <param name="run">Run to look at; <c>.*</c> is all.</param>
    /// <param name="points">Buckets.</param>
    /// <param name="stop">Gives up.</param>
    public static async Task<List<JsonElement>> AskAsync(RecordedData data, string query, string run, int points, CancellationToken stop)
    {
        var influx = await data.GetAsync(stop);
        return await influx.QueryAsync(RecordedData.Database, await FillAsync(data, influx, query, run, points));
    }

    private static async Task<string> FillAsync(RecordedData data, InfluxServer influx, string query, string run, int points)
    {
        var measurement = InfluxQl.Measurement(query);
        var range = data.RangeOf(measurement);
        if (run != ".*" && measurement != "monitor")
        {
            // As a person does who zooms in to one run.
            range = (await StampAsync(influx, run, "ASC"), await StampAsync(influx, run, "DESC"));
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal) { ["run"] = run, ["attempt"] = ".*", ["segment"] = ".*", ["layer"] = ".*", ["node"] = ".*" };
        return InfluxQl.Fill(query, values, range, points);
    }

    private static async Task<long> StampAsync(InfluxServer influx, string run, string order) =>
        (await influx.RowsAsync(RecordedData.Database, $"SELECT \"step\" FROM \"run\" WHERE \"run\" = '{run}' ORDER BY time {order} LIMIT 1"))[0][0].GetInt64();
}
