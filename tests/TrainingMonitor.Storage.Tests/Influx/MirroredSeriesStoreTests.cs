using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Influx;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Spooling;
using TrainingMonitor.Storage.Tests.Series;

namespace TrainingMonitor.Storage.Tests.Influx;

/// <summary>DuckDB with a sink beside it whose server is not there.</summary>
public sealed class MirroredSeriesStoreTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TemporaryFolder folder = new();
    private DuckDbSeriesStore store = null!;
    private InfluxSink sink = null!;

    public ValueTask InitializeAsync()
    {
        store = DuckDbSeriesStore.Open(new DuckDbOptions { Path = folder.File("series.db") }, NullLogger<DuckDbSeriesStore>.Instance, TimeProvider.System);
        sink = InfluxSink.Start(
            // Port 1: nobody listens.
            new InfluxSinkOptions { Server = new InfluxOptions { Url = new Uri("http://127.0.0.1:1") }, Spool = new SpoolOptions { Folder = folder.File("spool") } },
            TimeProvider.System,
            NullLoggerFactory.Instance);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await sink.DisposeAsync();
        await store.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_write_that_the_store_refuses_is_spooled_once_however_often_it_comes()
    {
        await using var mirrored = await MirroredSeriesStore.CreateAsync(store, sink, None);
        await mirrored.WriteAsync([Writes(1)], None);
        var refused = new[] { Writes(2), Writes(3) with { RunId = "other", Scalars = [new ScalarPoint(0, 0, 1, 1, null!, 1)] } };
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await Should.ThrowAsync<Exception>(() => mirrored.WriteAsync(refused, None));
        }

        (await mirrored.CommittedPositionsAsync(None)).ShouldBe(new Dictionary<string, long> { ["run"] = 1 });
        sink.Spooled.AppendedLines.ShouldBe(10 + 10 + 11);
        await mirrored.WriteAsync([Writes(2)], None);
        sink.Spooled.AppendedLines.ShouldBe(31);
        (await mirrored.GetSeriesAsync(new SeriesRequest { RunId = "run", Names = { "loss" } }, None)).Series.ShouldHaveSingleItem().X.Count.ShouldBe(20);
    }

    [Fact]
    public async Task What_the_store_has_already_is_not_spooled_again()
    {
        await store.WriteAsync([Writes(1), Writes(2)], None);
        await using var mirrored = await MirroredSeriesStore.CreateAsync(store, sink, None);
        await mirrored.WriteAsync([Writes(1), Writes(2), Writes(3)], None);
        sink.Spooled.AppendedLines.ShouldBe(10);
    }

    [Fact]
    public async Task A_write_that_has_no_form_as_lines_costs_its_copy_and_nothing_else()
    {
        await using var mirrored = await MirroredSeriesStore.CreateAsync(store, sink, None);
        var defect = Writes(1) with { RunId = "defect", Alerts = [null!], Points = [] };
        await sink.AddAsync([defect, Writes(1)]);
        sink.Spooled.AppendedLines.ShouldBe(10);
        await mirrored.WriteAsync([Writes(1)], None);
        (await mirrored.CommittedPositionsAsync(None))["run"].ShouldBe(1);
    }

    private static RunWrites Writes(int position) => new("run", position)
    {
        Points = [.. Enumerable.Range(position * 10, 10).Select(step => SampleWrites.Point(step, values: (RunSeries.Loss, step)))],
    };
}
