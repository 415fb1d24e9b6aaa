using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Storage.Influx;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Tests.Series;

namespace TrainingMonitor.Storage.Tests.Influx;

/// <summary>The contract of series stores against a real influxd.</summary>
public sealed class InfluxSeriesStoreTests(InfluxServerFixture fixture) : SeriesStoreContract, IClassFixture<InfluxServerFixture>, IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string database = "test" + Guid.NewGuid().ToString("N");

    public void Dispose() => folder.Dispose();

    protected override async Task<ISeriesStore> OpenAsync() => await InfluxSeriesStore.OpenAsync(
        new InfluxOptions { Url = (await fixture.GetAsync()).Url, Database = database },
        folder.File("dead-letters.lp"),
        TimeProvider.System,
        NullLogger<InfluxSeriesStore>.Instance,
        CancellationToken.None);
}
