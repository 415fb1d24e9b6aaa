using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using TrainingMonitor.Cluster.Tests.Checking;
using TrainingMonitor.Notifications.Tests.Support;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Postgres;

namespace TrainingMonitor.Cluster.Tests.Kit;

/// <summary>Looks at a run from all sides, past all proxies.</summary>
internal sealed class EvidenceCollector(ClusterProcess cluster, StubReceiver hook)
{
    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public async Task<RunEvidence> CollectAsync(string runId, IReadOnlyList<TrainerHistory> histories, CancellationToken stop) => new(runId)
    {
        Histories = histories,
        Log = await LogAsync(runId, stop),
        Chunks = await ChunksAsync(runId, stop),
        Committed = await CommittedAsync(runId),
        Stored = await StoredAsync(runId),
        Nodes = await Task.WhenAll(cluster.Nodes.Select(node => AnswerAsync(node, runId, stop))),
        Deliveries = Deliveries(runId),
    };

    /// <summary>What the receiver of alerts was told of a run.</summary>
    public IReadOnlyList<Delivery> Deliveries(string runId) =>
    [
        .. hook.Got.Select(got => got.Body.GetProperty("alerts")[0])
            .Where(alert => alert.GetProperty("labels").GetProperty("run").GetString() == runId)
            .Select(alert => new Delivery(
                alert.GetProperty("status").GetString()!,
                alert.GetProperty("labels").GetProperty("alertname").GetString()!,
                alert.GetProperty("labels").TryGetProperty("layer", out var layer) ? layer.GetString()! : "",
                alert.GetProperty("annotations").GetProperty("step").GetString()!)),
    ];

    private static async Task<NodeAnswer> AnswerAsync(NodeProcess node, string runId, CancellationToken stop) => new(
        node.Name,
        Json.Parse<RunDetail>(await node.GetAsync($"/api/v1/runs/{runId}", stop)),
        Json.Parse<ListAlertsResponse>(await node.GetAsync($"/api/v1/runs/{runId}/alerts?limit=10000", stop)).Alerts);

    private async Task<IReadOnlyList<FrameRecord>> LogAsync(string runId, CancellationToken stop)
    {
        await using var store = await PostgresStore.OpenAsync(new PostgresOptions { ConnectionString = cluster.Connection }, NullLoggerFactory.Instance, TimeProvider.System, stop);
        return await store.Runs.ReadAsync(runId, 1, stop).ToListAsync(stop);
    }

    private async Task<IReadOnlyList<LogChunk>> ChunksAsync(string runId, CancellationToken stop)
    {
        await using var source = NpgsqlDataSource.Create(cluster.Connection);
        await using var command = source.CreateCommand("SELECT first, last, epoch FROM trainmon.log WHERE run_id = $1 ORDER BY first");
        command.Parameters.Add(new NpgsqlParameter { Value = runId });
        await using var reader = await command.ExecuteReaderAsync(stop);
        var chunks = new List<LogChunk>();
        while (await reader.ReadAsync(stop))
        {
            chunks.Add(new LogChunk(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2)));
        }

        return chunks;
    }

    private async Task<long> CommittedAsync(string runId)
    {
        var rows = await cluster.Influx.RowsAsync(ClusterProcess.SeriesDatabase, $"SELECT MAX(\"position\") FROM \"commit\" WHERE \"run\" = '{runId}'");
        return rows.Count > 0 ? rows[0][1].GetInt64() : 0;
    }

    private async Task<IReadOnlyList<StoredPoint>> StoredAsync(string runId)
    {
        var points = new List<StoredPoint>();
        foreach (var measurement in new[] { "run", "layer", "probe", "scalar", "alert" })
        {
            foreach (var series in await cluster.Influx.QueryAsync(ClusterProcess.SeriesDatabase, $"SELECT * FROM \"{measurement}\" WHERE \"run\" = '{runId}' GROUP BY *"))
            {
                var tags = series.GetProperty("tags").EnumerateObject().Select(tag => KeyValuePair.Create(tag.Name, tag.Value.GetString()!)).ToList();
                var columns = series.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!).ToList();
                points.AddRange(series.GetProperty("values").EnumerateArray().Select(values => Point(measurement, tags, columns, values)));
            }
        }

        return points;
    }

    private static StoredPoint Point(string measurement, List<KeyValuePair<string, string>> tags, List<string> columns, JsonElement values) => StoredPoint.Of(
        measurement,
        tags,
        columns.Zip(values.EnumerateArray()).Skip(1).Select(field => KeyValuePair.Create(field.First, Value(field.Second))),
        values[0].GetInt64());

    private static object? Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => value.GetString(),
    };
}
