using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Series;

namespace TrainingMonitor.Storage.Tests.Series;

/// <summary>kill -9 of a process that writes series: each position is there whole or not at all, and what was promised is there.</summary>
public sealed class DuckDbKillTests : IDisposable
{
    private const int PerPosition = 7;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(5)]
    [InlineData(150)]
    public async Task What_is_committed_is_there_once(int promises)
    {
        for (var round = 0; round < 2; round++)
        {
            using var child = ChildProcess.Start(typeof(DuckDbKillTests), nameof(Writer_process), folder.Path);
            await child.KillAfterAsync(promises);
            await using var store = Open(folder.Path);
            store.MovedAside.ShouldBeNull();
            var committed = (await store.CommittedPositionsAsync(CancellationToken.None))["run"];
            committed.ShouldBeGreaterThanOrEqualTo(ChildProcess.LastPromise(folder.Path));
            await CheckAsync(store, committed);
        }
    }

    /// <summary>In the child process: writes until it is killed, each batch beginning below what is committed. Without a parent: twenty batches.</summary>
    [Fact]
    public async Task Writer_process()
    {
        var parent = ChildProcess.Folder;
        var target = parent ?? folder.Path;
        await using var promises = ChildProcess.OpenPromises(target);
        await using var store = Open(target);
        var position = (await store.CommittedPositionsAsync(CancellationToken.None)).GetValueOrDefault("run");
        for (var count = 0; parent is not null || count < 20; count++)
        {
            await store.WriteAsync([.. Enumerable.Range((int)Math.Max(1, position - 1), 4).Select(i => Writes(i))], CancellationToken.None);
            position = Math.Max(1, position - 1) + 3;
            promises.Write(BitConverter.GetBytes(position));
        }

        await CheckAsync(store, position);
    }

    private static async Task CheckAsync(DuckDbSeriesStore store, long committed)
    {
        var request = new SeriesRequest { RunId = "run", Names = { "loss", "scalar/s" } };
        var series = (await store.GetSeriesAsync(request, CancellationToken.None)).Series;
        series[0].Count.Sum(count => (long)count).ShouldBe(committed * PerPosition);
        series[1].Count.Sum(count => (long)count).ShouldBe(committed);
        var layers = new SeriesRequest { RunId = "run", Layer = "embed", Names = { "grad_norm" } };
        (await store.GetSeriesAsync(layers, CancellationToken.None)).Series[0].Count.Sum(count => (long)count).ShouldBe(committed * 4);
        var alerts = await store.ListAlertsAsync(new ListAlertsRequest { RunId = "run", Limit = uint.MaxValue }, CancellationToken.None);
        alerts.Select(alert => alert.Ordinal).ShouldBe(Enumerable.Range(1, (int)committed).Select(i => (ulong)i));
        (await store.GetRunAsync("run", CancellationToken.None))!.Summary.Loss.ShouldBe(committed);
    }

    private static RunWrites Writes(int position) => new("run", position)
    {
        Points = [.. Enumerable.Range(position * PerPosition, PerPosition).Select(step => SampleWrites.Point(step, values: (RunSeries.Loss, step)))],
        Scalars = [new ScalarPoint(0, 0, position * PerPosition, 0, "s", 1)],
        Blocks = [SampleWrites.Block(position * 4, 4)],
        Alerts = [SampleWrites.Alert("run", (ulong)position, AlertState.Firing)],
        Row = SampleWrites.Row("run", "p", position, position),
    };

    private static DuckDbSeriesStore Open(string folder) =>
        DuckDbSeriesStore.Open(new DuckDbOptions { Path = Path.Combine(folder, "series.db") }, NullLogger<DuckDbSeriesStore>.Instance, TimeProvider.System);
}
