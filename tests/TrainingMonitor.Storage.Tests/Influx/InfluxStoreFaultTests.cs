using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Influx;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Tests.Series;

namespace TrainingMonitor.Storage.Tests.Influx;

/// <summary>A real influxd that is killed, and names it has no form for.</summary>
public sealed class InfluxStoreFaultTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_is_committed_survives_a_kill_and_what_is_refused_meanwhile_can_come_again()
    {
        await using var server = await InfluxServer.StartAsync();
        await using (var store = await OpenAsync(server))
        {
            for (var i = 1; i <= 5; i++)
            {
                await store.WriteAsync([Writes(i)], None);
            }

            await server.KillAsync();
            await Should.ThrowAsync<IOException>(() => store.WriteAsync([Writes(6)], None));
            await Should.ThrowAsync<IOException>(() => store.GetSeriesAsync(Losses(), None));
            await server.RunAsync();
            (await store.CommittedPositionsAsync(None))["run"].ShouldBe(5);
            await store.WriteAsync([Writes(6)], None);
        }

        await using var again = await OpenAsync(server);
        (await again.CommittedPositionsAsync(None)).ShouldBe(new Dictionary<string, long> { ["run"] = 6 });
        (await again.GetSeriesAsync(Losses(), None)).Series.ShouldHaveSingleItem().X.ShouldBe(Enumerable.Range(10, 60).Select(i => (double)i));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_it_had_taken_and_lost_while_it_was_away_is_said_once(bool loses)
    {
        var said = new Errors();
        await using var server = await InfluxServer.StartAsync();
        await using var store = await OpenAsync(server, said);
        await store.WriteAsync([Writes(1), Writes(1) with { RunId = "other" }], None);
        await server.KillAsync();
        await Should.ThrowAsync<IOException>(() => store.WriteAsync([Writes(2)], None));
        if (loses)
        {
            Directory.Delete(Path.Combine(server.Folder, "wal", "faults"), recursive: true);
        }

        await server.RunAsync();
        await store.WriteAsync([Writes(2)], None);
        await store.WriteAsync([Writes(3)], None);
        said.All.ShouldBe(loses ? ["InfluxDB has lost what it had taken of 2 runs, of other what came after position 0 up to 1"] : []);
    }

    [Fact]
    public async Task Numbers_of_a_node_are_written_or_let_go()
    {
        await using var server = await InfluxServer.StartAsync();
        await using var store = await OpenAsync(server);
        await store.WriteNumbersAsync("node:1", new Dictionary<string, double> { ["runs"] = 3 }, None);
        await server.KillAsync();
        await Should.ThrowAsync<IOException>(() => store.WriteNumbersAsync("node:1", new Dictionary<string, double> { ["runs"] = 4 }, None));
        await server.RunAsync();
        await store.WriteNumbersAsync("node:2", new Dictionary<string, double> { ["runs"] = 5 }, None);
        (await server.RowsAsync("faults", "SELECT runs, node FROM monitor")).Select(row => (row[1].GetDouble(), row[2].GetString())).ShouldBe([(3, "node:1"), (5, "node:2")]);
    }

    [Fact]
    public async Task A_store_that_cannot_be_reached_says_where_it_looked()
    {
        await using var server = await InfluxServer.StartAsync();
        await server.KillAsync();
        var error = await Should.ThrowAsync<IOException>(() => OpenAsync(server));
        error.Message.ShouldContain(server.Url.ToString());
    }

    [Fact]
    public async Task Every_name_comes_back_from_a_real_server()
    {
        string[] names =
        [
            "", " ", "a\\", "\\", "a\\,b", "a b", "a,b", "a=b", "line\nbreak", "\t", "#", "100%", "%41", "%", "\"q\"", "'single'", "a'; DROP DATABASE x; --", "module.layers[3].attn,q=1",
            "ヘッド🎯", "läyer", "/regex/", "$var", "time", "true", "1i",
        ];
        await using var server = await InfluxServer.StartAsync();
        await using var store = await OpenAsync(server);
        for (var i = 0; i < names.Length; i++)
        {
            // Every name as run, project, scalar and layer.
            await store.WriteAsync(
                [
                    new RunWrites("run" + names[i], 1)
                    {
                        Project = names[i],
                        Scalars = [new ScalarPoint(0, 0, i, SampleWrites.TimeOf(i), names[i], i)],
                        Blocks = [SampleWrites.Block(0, 4, layers: names)],
                        Alerts = [SampleWrites.Alert("run" + names[i], 1, AlertState.Firing)],
                    },
                ],
                None);
        }

        (await store.CommittedPositionsAsync(None)).Keys.ShouldBe(names.Select(name => "run" + name), ignoreOrder: true);
        for (var i = 0; i < names.Length; i++)
        {
            var run = "run" + names[i];
            var scalar = new SeriesRequest { RunId = run, Names = { "scalar/" + names[i] } };
            (await store.GetSeriesAsync(scalar, None)).Series.ShouldHaveSingleItem().Last.ShouldBe([(double)i]);
            (await store.ListAlertsAsync(new ListAlertsRequest { RunId = run }, None)).ShouldHaveSingleItem().Summary.ShouldBe("Der Verlust springt: 急上昇");
        }

        var layers = (await store.GetAroundAsync(new AroundRequest { RunId = "run" + names[2], Step = 1 }, None)).LayerSeries.Where(series => series.Name == "grad_norm").ToList();
        layers.Select(series => series.Layer).ShouldBe(names, ignoreOrder: true);
        layers.ShouldAllBe(series => series.Max[0] == Array.IndexOf(names, series.Layer) + 1);
        File.Exists(folder.File("dead-letters.lp")).ShouldBeFalse();
    }

    private static SeriesRequest Losses() => new() { RunId = "run", Names = { "loss" } };

    private static RunWrites Writes(int position) => new("run", position)
    {
        Points = [.. Enumerable.Range(position * 10, 10).Select(step => SampleWrites.Point(step, values: (RunSeries.Loss, step)))],
    };

    private Task<InfluxSeriesStore> OpenAsync(InfluxServer server, ILogger<InfluxSeriesStore>? logger = null) => InfluxSeriesStore.OpenAsync(
        new InfluxOptions { Url = server.Url, Database = "faults" }, folder.File("dead-letters.lp"), TimeProvider.System, logger ?? NullLogger<InfluxSeriesStore>.Instance, None);

    private sealed class Errors : ILogger<InfluxSeriesStore>
    {
        public List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => All.Add(formatter(state, exception));
    }
}
