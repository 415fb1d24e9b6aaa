using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Storage.Influx;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Tests.Series;

namespace TrainingMonitor.Storage.Tests.Influx;

public sealed class InfluxBucketProperties(InfluxServerFixture fixture) : SeriesBucketProperties, IClassFixture<InfluxServerFixture>, IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private InfluxSeriesStore? store;

    protected override ISeriesStore Store => store!;

    public async ValueTask InitializeAsync() => store = await InfluxSeriesStore.OpenAsync(
        new InfluxOptions { Url = (await fixture.GetAsync()).Url, Database = "buckets" },
        folder.File("dead-letters.lp"),
        TimeProvider.System,
        NullLogger<InfluxSeriesStore>.Instance,
        CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (store is not null)
        {
            await store.DisposeAsync();
        }

        folder.Dispose();
    }
}
