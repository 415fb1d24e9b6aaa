using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Influx.Reading;

/// <summary>A DuckDB store for one query: InfluxQL cannot bucket by step or sum tokens over the shown segments, and these rules are written once.</summary>
internal sealed class SeriesScratch : IAsyncDisposable
{
    private readonly string folder;
    private readonly DuckDbSeriesStore store;

    private SeriesScratch(string folder, DuckDbSeriesStore store)
    {
        this.folder = folder;
        this.store = store;
    }

    /// <summary>A scratch that holds the writes.</summary>
    public static async Task<SeriesScratch> WithAsync(IReadOnlyList<RunWrites> writes, CancellationToken cancellationToken)
    {
        var path = Directory.CreateTempSubdirectory("trainmon-query-").FullName;
        DuckDbSeriesStore? opened = null;
        try
        {
            opened = DuckDbSeriesStore.Open(
                new DuckDbOptions { Path = Path.Combine(path, "series.duckdb"), Readers = 1 }, NullLogger<DuckDbSeriesStore>.Instance, TimeProvider.System);
            await opened.WriteAsync(writes, cancellationToken);
            return new SeriesScratch(path, opened);
        }
        catch
        {
            if (opened is not null)
            {
                await opened.DisposeAsync();
            }

            Directory.Delete(path, recursive: true);
            throw;
        }
    }

    public ISeriesStore Store => store;

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
