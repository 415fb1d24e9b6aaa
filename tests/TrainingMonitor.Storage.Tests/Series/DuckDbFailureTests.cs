using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Tests.Series;

public sealed class DuckDbFailureTests : IDisposable
{
    private readonly SmallDisk disk = new(megabytes: 24);

    public void Dispose() => disk.Dispose();

    [Fact]
    public async Task After_a_full_disk_writing_goes_on_where_it_was_committed()
    {
        disk.SkipUnlessMounted();
        var ballast = disk.File("ballast");
        await File.WriteAllBytesAsync(ballast, new byte[16 << 20], TestContext.Current.CancellationToken);
        await using var store = DuckDbSeriesStore.Open(new DuckDbOptions { Path = disk.File("series.db") }, NullLogger<DuckDbSeriesStore>.Instance, TimeProvider.System);
        var random = new Random(1);
        long position = 0;
        await Should.ThrowAsync<Exception>(async () =>
        {
            while (position < 200)
            {
                await store.WriteAsync([Writes(random, position + 1)], CancellationToken.None);
                position++;
            }
        });
        position.ShouldBeGreaterThan(0);
        File.Delete(ballast);
        for (var i = 0; i < 5; i++)
        {
            await store.WriteAsync([Writes(random, ++position)], CancellationToken.None);
        }

        (await store.CommittedPositionsAsync(CancellationToken.None))["run"].ShouldBe(position);
        var request = new SeriesRequest { RunId = "run", Names = { "loss" } };
        (await store.GetSeriesAsync(request, CancellationToken.None)).Series[0].Count.Sum(count => (long)count).ShouldBe(position * 500);
    }

    private static RunWrites Writes(Random random, long position) => new("run", position)
    {
        Points =
        [
            .. Enumerable.Range((int)position * 500, 500).Select(step => SampleWrites.Point(
                step,
                values: [.. Enum.GetValues<RunSeries>().Select(series => (series, random.NextDouble()))])),
        ],
    };
}
