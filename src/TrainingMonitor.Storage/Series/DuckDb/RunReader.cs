using DuckDB.NET.Data;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Storage.Series.DuckDb;

/// <summary>Runs, alerts and what lies around a step.</summary>
internal static class RunReader
{
    private const int DefaultRuns = 100;
    private const int DefaultAlerts = 1000;
    public const int DefaultRadius = 50;

    public static List<RunSummary> List(DuckDBConnection connection, string project, int limit)
    {
        var filter = project.Length == 0 ? "WHERE ? = ''" : "WHERE project = ?";
        return connection.Query(
            row => RunSummary.Parser.ParseFrom(row.Bytes(0)),
            $"SELECT summary FROM runs {filter} ORDER BY updated_ns DESC, run DESC LIMIT {(limit <= 0 ? DefaultRuns : limit)}",
            project);
    }

    public static RunDetail? Get(DuckDBConnection connection, int run) =>
        connection.Query(row => RunDetail.Parser.ParseFrom(row.Bytes(0)), $"SELECT detail FROM runs WHERE run = {run} ORDER BY position DESC LIMIT 1").FirstOrDefault();

    public static List<Protocol.V1.SeriesInfo> ListSeries(DuckDBConnection connection, int run) => connection.Query(
        row => Info(row.GetString(0), row.GetBoolean(1)),
        $"SELECT DISTINCT name, per_layer FROM series_seen WHERE run = {run} ORDER BY per_layer, name");

    /// <summary>Alerts, oldest first. Of one run: the first above the ordinal, so that a reader can page. Of all, or of some projects: the newest.</summary>
    public static List<Alert> ListAlerts(DuckDBConnection connection, int? run, ListAlertsRequest request, IReadOnlyCollection<string>? projects = null)
    {
        var all = projects is null ? "true" : $"run IN (SELECT run FROM runs WHERE project IN ({(projects.Count == 0 ? "NULL" : string.Join(", ", projects.Select(_ => "?")))}))";
        var limit = request.Limit == 0 ? DefaultAlerts : request.Limit;
        var filter = run is null ? all : $"run = {run} AND ordinal > {request.AfterOrdinal}";
        var source = request.ActiveOnly
            ? $"SELECT * FROM (SELECT * FROM alerts WHERE {(run is null ? "true" : $"run = {run}")} QUALIFY row_number() OVER (PARTITION BY run, id ORDER BY ordinal DESC) = 1) "
              + $"WHERE state <> {(int)AlertState.Resolved} AND {filter}"
            : $"SELECT * FROM alerts WHERE {filter}";
        var page = run is null
            ? $"SELECT * FROM ({source}) ORDER BY time_ns DESC, run DESC, ordinal DESC LIMIT {limit}"
            : $"SELECT * FROM ({source}) ORDER BY ordinal LIMIT {limit}";
        var order = run is null ? "time_ns, run, ordinal" : "ordinal";
        return connection.Query(row => Alert.Parser.ParseFrom(row.Bytes(0)), $"SELECT body FROM ({page}) ORDER BY {order}", [.. projects ?? []]);
    }

    public static AroundResponse Around(DuckDBConnection connection, RunEntry run, AroundRequest request)
    {
        var radius = request.Radius == 0 ? DefaultRadius : request.Radius;
        var low = request.Step > radius ? request.Step - radius : 0;
        var high = request.Step + radius;
        var seen = ListSeries(connection, run.Key);
        var series = new SeriesRequest { RunId = request.RunId, XAxis = XAxis.Step, From = low, To = high, MaxBuckets = uint.MaxValue };
        if (request.HasAttempt)
        {
            series.Attempt = request.Attempt;
        }

        if (request.HasSegment)
        {
            series.Segment = request.Segment;
        }

        series.Names.AddRange(seen.Where(info => !info.PerLayer).Select(info => info.Name));
        var response = new AroundResponse();
        response.Series.AddRange(SeriesReader.Read(connection, run, series).Series);
        response.LayerSeries.AddRange(LayerReader.Read(
            connection,
            Selection.Create(connection, run.Key, series),
            run,
            [.. seen.Where(info => info.PerLayer).Select(info => info.Name)],
            layer: null,
            SeriesReader.Buckets(series)));
        var only = (request.HasAttempt ? $" AND attempt = {request.Attempt}" : "") + (request.HasSegment ? $" AND segment = {request.Segment}" : "");
        response.Alerts.AddRange(connection.Query(
            row => Alert.Parser.ParseFrom(row.Bytes(0)),
            $"SELECT body FROM alerts WHERE run = {run.Key} AND step BETWEEN {low} AND {high}{only} ORDER BY ordinal"));
        return response;
    }

    /// <summary>Unit and meaning of a series.</summary>
    public static Protocol.V1.SeriesInfo Info(string name, bool perLayer)
    {
        var info = perLayer
            ? SeriesCatalog.TryGetLayer(name, out var layer) ? SeriesCatalog.Info(layer) : null
            : SeriesCatalog.TryGetRun(name, out var series) ? SeriesCatalog.Info(series) : null;
        var description = info?.Description ?? (name.StartsWith(SeriesNames.ProbePrefix, StringComparison.Ordinal) ? "Probe, as measured." : "Scalar of the user.");
        return new Protocol.V1.SeriesInfo { Name = name, Unit = info?.Unit ?? "", Description = description, PerLayer = perLayer };
    }
}
