using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Influx.Reading;
using TrainingMonitor.Storage.Influx.Writing;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Series.DuckDb;

namespace TrainingMonitor.Storage.Influx;

/// <summary>Series in an InfluxDB, written as line protocol and read through InfluxQL, for servers without a database of their own. Every batch is sent before its
/// positions: what a crash leaves without them is written again, which changes nothing.</summary>
public sealed class InfluxSeriesStore : ISeriesStore
{
    // Control characters are in no name a trainer can send.
    private const string BoundsName = "\u0001bounds";
    private readonly HttpClient http;
    private readonly InfluxStoreWriter writer;
    private readonly RunLoader loader;
    private readonly RunIndex index;

    private InfluxSeriesStore(HttpClient http, InfluxStoreWriter writer, RunLoader loader, RunIndex index)
    {
        this.http = http;
        this.writer = writer;
        this.loader = loader;
        this.index = index;
    }

    /// <summary>Reads the committed positions. A database that is missing is made with the first write, where the server lets a client do so.</summary>
    /// <param name="options">Options; validated.</param>
    /// <param name="deadLetters">File for lines the server refuses for good.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ValidationException">An option is wrong.</exception>
    /// <exception cref="IOException">The server does not answer or refuses.</exception>
    public static async Task<InfluxSeriesStore> OpenAsync(InfluxOptions options, string deadLetters, TimeProvider time, ILogger<InfluxSeriesStore> logger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(logger);
        ArgumentException.ThrowIfNullOrEmpty(deadLetters);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        var client = InfluxHttp.Create(options, time);
        try
        {
            var query = new InfluxQuery(client, options);
            var runs = new RunIndex(query);
            var committed = await runs.PositionsAsync(cancellationToken);
            var writing = new InfluxStoreWriter(client, options, deadLetters, committed, new LossCheck(runs.PositionsAsync, time, logger), time, logger);
            return new InfluxSeriesStore(client, writing, new RunLoader(query), runs);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Tries once to write numbers of a node itself, to the measurement <c>monitor</c>.</summary>
    /// <param name="node">Name of the node.</param>
    /// <param name="numbers">Values by name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The server did not take them.</exception>
    public Task WriteNumbersAsync(string node, IReadOnlyDictionary<string, double> numbers, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(node);
        ArgumentNullException.ThrowIfNull(numbers);
        return writer.WriteNumbersAsync(node, numbers, cancellationToken);
    }

    /// <inheritdoc/>
    public Task WriteAsync(IReadOnlyList<RunWrites> batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return writer.WriteAsync(batch, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, long>> CommittedPositionsAsync(CancellationToken cancellationToken) => writer.PositionsAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<long> CommittedPositionAsync(string runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        return writer.PositionAsync(runId, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RunSummary>> ListRunsAsync(string project, int limit, CancellationToken cancellationToken)
    {
        await using var scratch = await SeriesScratch.WithAsync(await index.RowsAsync(null, cancellationToken), cancellationToken);
        return await scratch.Store.ListRunsAsync(project, limit, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<RunDetail?> GetRunAsync(string runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        var rows = await index.RowsAsync(runId, cancellationToken);
        return rows.Count == 0 ? null : RunDetail.Parser.ParseFrom(rows[0].Row!.Detail);
    }

    /// <inheritdoc/>
    public async Task<SeriesResponse> GetSeriesAsync(SeriesRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var selection = Selection(request);
        if (selection is { Points.Count: 0, Scalars.Count: 0, Probes: false, LayerSeries.Count: 0 })
        {
            return new SeriesResponse();
        }

        await using var scratch = await ScratchAsync(selection, [], cancellationToken);
        return await scratch.Store.GetSeriesAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Protocol.V1.SeriesInfo>> ListSeriesAsync(string runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        return [.. (await index.SeriesAsync(runId, cancellationToken)).Select(series => RunReader.Info(series.Name, series.PerLayer))];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Alert>> ListAlertsAsync(ListAlertsRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        await using var scratch = await SeriesScratch.WithAsync(await index.AlertsAsync(request.RunId, cancellationToken), cancellationToken);
        return await scratch.Store.ListAlertsAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<AroundResponse> GetAroundAsync(AroundRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var radius = request.Radius == 0 ? RunReader.DefaultRadius : request.Radius;
        var selection = new RunSelection(request.RunId)
        {
            Attempt = request.HasAttempt ? request.Attempt : null,
            Segment = request.HasSegment ? request.Segment : null,
            FromStep = (double)request.Step - radius,
            ToStep = (double)request.Step + radius,
            Points = null,
            Scalars = null,
            Probes = true,
            LayerSeries = null,
        };
        var alerts = (await index.AlertsAsync(request.RunId, cancellationToken)).SelectMany(writes => writes.Alerts).ToList();
        await using var scratch = await ScratchAsync(selection, alerts, cancellationToken);
        var around = await scratch.Store.GetAroundAsync(request, cancellationToken);
        foreach (var bounds in around.Series.Where(series => series.Name == SeriesNames.ScalarPrefix + BoundsName).ToList())
        {
            around.Series.Remove(bounds);
        }

        return around;
    }

    /// <inheritdoc/>
    /// <exception cref="KeyNotFoundException">The run is unknown.</exception>
    public async Task ExportAsync(string runId, string path, ExportFormat format, bool layers, CancellationToken cancellationToken)
    {
        if (!(await writer.PositionsAsync(cancellationToken)).ContainsKey(runId))
        {
            throw new KeyNotFoundException($"There is no run '{runId}'.");
        }

        var writes = await loader.LoadAsync(layers ? new RunSelection(runId) { LayerSeries = null } : new RunSelection(runId) { Points = null }, cancellationToken);
        await using var scratch = await SeriesScratch.WithAsync([writes], cancellationToken);
        await scratch.Store.ExportAsync(runId, path, format, layers, cancellationToken);
    }

    /// <summary>Closes the connections; nothing waits here.</summary>
    public ValueTask DisposeAsync()
    {
        writer.Dispose();
        http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static RunSelection Selection(SeriesRequest request)
    {
        var names = request.Names.Distinct(StringComparer.Ordinal).ToList();
        var axis = request.XAxis switch { XAxis.Samples => "samples", XAxis.Epoch => "epoch", XAxis.Tokens => "tokens", XAxis.Time => "", _ => null };
        var scalars = names.Where(name => name.StartsWith(SeriesNames.ScalarPrefix, StringComparison.Ordinal)).Select(name => name[SeriesNames.ScalarPrefix.Length..]).ToList();
        var layers = request.HasLayer ? names.Where(name => SeriesCatalog.TryGetLayer(name, out _)).ToList() : [];
        var points = request.HasLayer ? [] : names.Where(name => SeriesCatalog.TryGetRun(name, out _)).ToList();
        if (axis is not null && names.Count > 0)
        {
            // The run-level rows say where on the axis a step lies.
            points.Add(axis.Length > 0 ? axis : "loss");
        }

        // On other axes the range is about x, which is known only here.
        var onSteps = axis is null;
        return new RunSelection(request.RunId)
        {
            Attempt = request.HasAttempt ? request.Attempt : null,
            Segment = request.HasSegment ? request.Segment : null,
            FromStep = onSteps && request.HasFrom ? request.From : null,
            ToStep = onSteps && request.HasTo ? request.To : null,
            Points = points,
            Scalars = request.HasLayer ? [] : scalars,
            Probes = !request.HasLayer && names.Exists(name => name.StartsWith(SeriesNames.ProbePrefix, StringComparison.Ordinal)),
            LayerSeries = layers,
            Layer = request.HasLayer ? request.Layer : null,
        };
    }

    /// <summary>The selection in a scratch store. Which segment a step is shown of depends on all of the run, so the first and last step of each segment go in too.</summary>
    private async Task<SeriesScratch> ScratchAsync(RunSelection selection, IReadOnlyList<Alert> alerts, CancellationToken cancellationToken)
    {
        var writes = await loader.LoadAsync(selection, cancellationToken);
        var bounds = await loader.BoundsAsync(selection, cancellationToken);
        var marks = bounds.SelectMany(of => new[] { of.First, of.Last }.Select(step => new ScalarPoint(of.Attempt, of.Segment, step, 0, BoundsName, 0)));
        return await SeriesScratch.WithAsync([writes with { Scalars = [.. writes.Scalars, .. marks], Alerts = alerts }], cancellationToken);
    }
}
