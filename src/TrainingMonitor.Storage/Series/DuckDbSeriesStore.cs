using System.ComponentModel.DataAnnotations;
using DuckDB.NET.Data;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Series.DuckDb;

namespace TrainingMonitor.Storage.Series;

/// <summary>Series in one DuckDB file: a row for each run and step, packed windows for layers. One thread writes, a few read.</summary>
public sealed class DuckDbSeriesStore : ISeriesStore
{
    private readonly DuckDbOptions options;
    private readonly Database database;
    private readonly ILogger<DuckDbSeriesStore> logger;
    private readonly OwnerThread owner;
    private readonly ReaderThreads readers;
    private DuckDBConnection? connection;
    private BatchWriter writer;

    private DuckDbSeriesStore(DuckDbOptions options, ILogger<DuckDbSeriesStore> logger, TimeProvider time)
    {
        this.logger = logger;
        this.options = options;
        (database, connection) = Database.Open(options, logger, time);
        writer = CreateWriter(connection);
        owner = new OwnerThread("series writer", options.QueuedBatches);
        readers = new ReaderThreads(database, options.Readers);
    }

    /// <summary>Where a damaged file was moved when the store was opened; null: there was none. The store is then empty, and so are the committed positions.</summary>
    public string? MovedAside => database.MovedAside;

    /// <summary>Opens the file, or starts one.</summary>
    /// <param name="options">Options; validated.</param>
    /// <param name="logger">Where damage and failures are said.</param>
    /// <param name="time">Clock of the time stamps of migrations and file names.</param>
    /// <exception cref="ValidationException">An option is out of range.</exception>
    /// <exception cref="DuckDBException">The file cannot be opened for another reason than damage (held by another process, permission, disk full).</exception>
    public static DuckDbSeriesStore Open(DuckDbOptions options, ILogger<DuckDbSeriesStore> logger, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logger);
        ArgumentNullException.ThrowIfNull(time);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        Validator.ValidateObject(options.Retention, new ValidationContext(options.Retention), validateAllProperties: true);
        return new DuckDbSeriesStore(options, logger, time);
    }

    /// <inheritdoc/>
    public Task WriteAsync(IReadOnlyList<RunWrites> batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return owner.RunAsync(() => Write(batch), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, long>> CommittedPositionsAsync(CancellationToken cancellationToken) => owner.RunAsync<IReadOnlyDictionary<string, long>>(
        () => writer.Runs.Where(item => item.Value.Committed > 0).ToDictionary(item => item.Key, item => item.Value.Committed, StringComparer.Ordinal),
        cancellationToken);

    /// <inheritdoc/>
    public Task<long> CommittedPositionAsync(string runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        return owner.RunAsync(() => writer.Runs.TryGetValue(runId, out var run) ? run.Committed : 0, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RunSummary>> ListRunsAsync(string project, int limit, CancellationToken cancellationToken) =>
        await readers.RunAsync(connection => RunReader.List(connection, project, limit), cancellationToken);

    /// <inheritdoc/>
    public Task<RunDetail?> GetRunAsync(string runId, CancellationToken cancellationToken) =>
        OfRunAsync(runId, (connection, run) => RunReader.Get(connection, run.Key), null, cancellationToken);

    /// <inheritdoc/>
    public Task<SeriesResponse> GetSeriesAsync(SeriesRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return OfRunAsync(request.RunId, (connection, run) => SeriesReader.Read(connection, run, request), new SeriesResponse(), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Protocol.V1.SeriesInfo>> ListSeriesAsync(string runId, CancellationToken cancellationToken) =>
        await OfRunAsync(runId, (connection, run) => RunReader.ListSeries(connection, run.Key), [], cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Alert>> ListAlertsAsync(ListAlertsRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.RunId.Length == 0
            ? await readers.RunAsync(connection => RunReader.ListAlerts(connection, null, request), cancellationToken)
            : await OfRunAsync(request.RunId, (connection, run) => RunReader.ListAlerts(connection, run.Key, request), [], cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Alert>> ListAlertsAsync(ListAlertsRequest request, IReadOnlyCollection<string> projects, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(projects);
        return await readers.RunAsync(connection => RunReader.ListAlerts(connection, null, request, projects), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<AroundResponse> GetAroundAsync(AroundRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return OfRunAsync(request.RunId, (connection, run) => RunReader.Around(connection, run, request), new AroundResponse(), cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="KeyNotFoundException">The run is unknown.</exception>
    public async Task ExportAsync(string runId, string path, ExportFormat format, bool layers, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var done = await OfRunAsync(
            runId,
            (connection, run) =>
            {
                Exporter.Export(connection, run, path, format, layers);
                return true;
            },
            false,
            cancellationToken);
        if (!done)
        {
            throw new KeyNotFoundException($"There is no run '{runId}'.");
        }
    }

    /// <summary>Writes everything that is committed now to another file, beside the writer.</summary>
    /// <param name="path">Target; not there yet. One copy at a time.</param>
    /// <param name="cancellationToken">Cancels until it has begun.</param>
    /// <exception cref="DuckDBException">It cannot be written.</exception>
    public Task CopyToAsync(string path, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return readers.RunAsync(
            connection =>
            {
                Copier.Copy(connection, path);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Writes what is queued and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await owner.DisposeAsync();
        await readers.DisposeAsync();
        connection?.Dispose();
    }

    private Task<T> OfRunAsync<T>(string runId, Func<DuckDBConnection, RunEntry, T> query, T unknown, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runId);
        return Volatile.Read(ref writer).Runs.TryGetValue(runId, out var run) && run.Committed > 0
            ? readers.RunAsync(connection => query(connection, run), cancellationToken)
            : Task.FromResult(unknown);
    }

    private BatchWriter CreateWriter(DuckDBConnection open) => new(open, new BlockParts(open, options.Retention, options.Path, logger));

    private bool Write(IReadOnlyList<RunWrites> batch)
    {
        try
        {
            if (connection is null)
            {
                connection = database.Connect();
                Volatile.Write(ref writer, CreateWriter(connection));
            }

            writer.Write(batch);
            PageCache.Drop(database.WriteAheadLog);
        }
        catch (DuckDBException error)
        {
            // A fatal error (disk full while a checkpoint is written) closes the database to all: the next write opens it again.
            DuckDbMessages.WriteFailed(logger, database.Path, error);
            connection?.Dispose();
            connection = null;
            throw;
        }

        try
        {
            writer.Tidy();
        }
        catch (DuckDBException error)
        {
            // The batch is committed. The next write opens the file again and finds the parts as they are.
            DuckDbMessages.RetentionFailed(logger, database.Path, error);
            connection.Dispose();
            connection = null;
        }

        return true;
    }
}
