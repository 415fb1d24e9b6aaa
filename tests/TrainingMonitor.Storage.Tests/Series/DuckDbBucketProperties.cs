using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Tests.Series;

public sealed class DuckDbBucketProperties : SeriesBucketProperties, IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DuckDbSeriesStore store;

    public DuckDbBucketProperties() =>
        store = DuckDbSeriesStore.Open(new DuckDbOptions { Path = folder.File("series.db") }, NullLogger<DuckDbSeriesStore>.Instance, TimeProvider.System);

    protected override ISeriesStore Store => store;

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        folder.Dispose();
    }
}
