using TrainingMonitor.Estimation.Series;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Storage.Series;
using ProbeKind = TrainingMonitor.Estimation.Input.ProbeKind;

namespace TrainingMonitor.Storage.Tests.Series;

/// <summary>What every series store keeps. A store's tests derive from it; <see cref="OpenAsync"/> opens the same data again.</summary>
public abstract class SeriesStoreContract
{
    protected static readonly CancellationToken None = CancellationToken.None;

    protected abstract Task<ISeriesStore> OpenAsync();

    [Fact]
    public async Task What_is_written_is_there_after_reopening()
    {
        await using (var store = await OpenAsync())
        {
            (await store.CommittedPositionsAsync(None)).ShouldBeEmpty();
            await store.WriteAsync([Losses("läuft-ラン", 5, 0, 10), Losses("b", 7, 0, 3)], None);
            await store.WriteAsync([Losses("läuft-ラン", 9, 10, 10)], None);
        }

        await using var again = await OpenAsync();
        (await again.CommittedPositionsAsync(None)).ShouldBe(new Dictionary<string, long> { ["läuft-ラン"] = 9, ["b"] = 7 }, ignoreOrder: true);
        (await again.CommittedPositionAsync("läuft-ラン", None)).ShouldBe(9);
        (await again.CommittedPositionAsync("unknown", None)).ShouldBe(0);
        var series = (await again.GetSeriesAsync(Request("läuft-ラン", "loss"), None)).Series.ShouldHaveSingleItem();
        series.X.ShouldBe(Enumerable.Range(0, 20).Select(i => (double)i));
        series.Last.ShouldBe(Enumerable.Range(0, 20).Select(i => 1.0 / (1 + i)));
        series.Unit.ShouldBe("nats");
    }

    [Fact]
    public async Task Writes_not_above_the_committed_position_are_ignored_whole()
    {
        await using var store = await OpenAsync();
        var writes = Losses("run", 10, 0, 4) with
        {
            Alerts = [SampleWrites.Alert("run", 1, AlertState.Firing)],
            Scalars = [new ScalarPoint(0, 0, 1, SampleWrites.TimeOf(1), "s", 3)],
            Blocks = [SampleWrites.Block(0, 4)],
            Probes = [SampleWrites.Probe(2, ProbeKind.Sharpness, 5)],
        };
        await store.WriteAsync([writes, writes], None);
        await store.WriteAsync([writes, Losses("run", 3, 50, 4), Losses("other", 1, 0, 1)], None);
        await store.WriteAsync([], None);
        (await store.CommittedPositionsAsync(None))["run"].ShouldBe(10);
        (await Single(store, Request("run", "loss"))).X.ShouldBe([0.0, 1, 2, 3]);
        (await Single(store, Request("run", "scalar/s"))).Last.ShouldBe([3.0]);
        (await Single(store, Request("run", "probe/sharpness"))).Last.ShouldBe([5.0]);
        (await Single(store, LayerRequest("run", "embed", "grad_norm"))).Count.ShouldBe([4UL]);
        (await store.ListAlertsAsync(new ListAlertsRequest { RunId = "run" }, None)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Non_finite_values_are_counted_and_never_numbers()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync(
            [
                new RunWrites("run", 1)
                {
                    Points =
                    [
                        SampleWrites.Point(0, values: (RunSeries.Loss, 2)),
                        SampleWrites.Point(1, values: (RunSeries.Loss, double.NaN)),
                        SampleWrites.Point(2, values: (RunSeries.Loss, double.PositiveInfinity)),
                        SampleWrites.Point(3),
                        SampleWrites.Point(4, values: (RunSeries.Loss, 1)),
                    ],
                    Scalars = [new ScalarPoint(0, 0, 1, 1, "s", double.NegativeInfinity), new ScalarPoint(0, 0, 2, 2, "s", 4)],
                },
            ],
            None);
        var exact = await Single(store, Request("run", "loss"));
        exact.X.ShouldBe([0.0, 1, 2, 4]);
        exact.Last.ShouldBe([2, double.NaN, double.NaN, 1]);
        exact.Count.ShouldBe([1UL, 0, 0, 1]);
        exact.NonFinite.ShouldBe([0UL, 1, 1, 0]);
        var one = Request("run", "loss");
        one.MaxBuckets = 1;
        var bucket = await Single(store, one);
        (bucket.X[0], bucket.Min[0], bucket.Max[0], bucket.Last[0], bucket.Count[0], bucket.NonFinite[0]).ShouldBe((4, 1, 2, 1, 2UL, 2UL));
        var scalar = await Single(store, Request("run", "scalar/s"));
        scalar.Last.ShouldBe([double.NaN, 4]);
        scalar.NonFinite.ShouldBe([1UL, 0]);
    }

    [Fact]
    public async Task The_newest_segment_of_each_step_range_is_shown()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync(
            [
                new RunWrites("run", 1)
                {
                    Points =
                    [
                        .. Enumerable.Range(0, 10).Select(i => SampleWrites.Point(i, 0, 0, (RunSeries.Loss, i))),
                        .. Enumerable.Range(4, 3).Select(i => SampleWrites.Point(i, 0, 1, (RunSeries.Loss, 100 + i))),
                        .. Enumerable.Range(6, 2).Select(i => SampleWrites.Point(i, 1, 0, (RunSeries.Loss, 200 + i))),
                    ],
                },
            ],
            None);
        var all = (await store.GetSeriesAsync(Request("run", "loss"), None)).Series;
        all.Select(series => (series.Attempt, series.Segment)).ShouldBe([(0U, 0U), (0U, 1U), (1U, 0U)]);
        all[0].X.ShouldBe([0.0, 1, 2, 3, 8, 9]);
        all[1].Last.ShouldBe([104.0, 105]);
        all[2].Last.ShouldBe([206.0, 207]);
        var first = Request("run", "loss");
        (first.Attempt, first.Segment) = (0, 0);
        (await Single(store, first)).X.Count.ShouldBe(10);
        var attempt = Request("run", "loss");
        attempt.Attempt = 0;
        (await store.GetSeriesAsync(attempt, None)).Series.Select(series => series.X.Count).ShouldBe([7, 3]);
    }

    [Fact]
    public async Task A_gap_of_a_newer_segment_stays_a_gap_in_any_range()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync(
            [
                new RunWrites("run", 1)
                {
                    Points =
                    [
                        .. Enumerable.Range(0, 10).Select(i => SampleWrites.Point(i, 0, 0, (RunSeries.Loss, i))),
                        SampleWrites.Point(2, 0, 1, (RunSeries.Loss, 102)), SampleWrites.Point(8, 0, 1, (RunSeries.Loss, 108)),
                    ],
                },
            ],
            None);
        var range = Request("run", "loss");
        (range.From, range.To) = (1, 6);
        (await store.GetSeriesAsync(range, None)).Series.Select(series => string.Join(' ', series.Last)).ShouldBe(["1", "102"]);
        (range.From, range.To) = (4, 6);
        (await store.GetSeriesAsync(range, None)).Series.ShouldBeEmpty();
        var around = await store.GetAroundAsync(new AroundRequest { RunId = "run", Step = 5, Radius = 1 }, None);
        around.Series.ShouldBeEmpty();
    }

    [Fact]
    public async Task Unknown_runs_series_and_layers_give_nothing()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync([Losses("run", 1, 0, 3) with { Blocks = [SampleWrites.Block(0, 4)] }], None);
        (await store.GetSeriesAsync(Request("nobody", "loss"), None)).Series.ShouldBeEmpty();
        (await store.GetSeriesAsync(Request("run", "accuracy", "no_such", "scalar/none", "probe/none", "'; DROP TABLE points; --"), None)).Series.ShouldBeEmpty();
        (await store.GetSeriesAsync(LayerRequest("run", "none", "grad_norm"), None)).Series.ShouldBeEmpty();
        (await store.GetSeriesAsync(LayerRequest("run", "embed", "weight_norm", "loss"), None)).Series.ShouldBeEmpty();
        (await store.GetRunAsync("nobody", None)).ShouldBeNull();
        (await store.ListSeriesAsync("nobody", None)).ShouldBeEmpty();
        (await store.ListAlertsAsync(new ListAlertsRequest { RunId = "nobody" }, None)).ShouldBeEmpty();
        (await store.GetAroundAsync(new AroundRequest { RunId = "nobody", Step = 3 }, None)).Series.ShouldBeEmpty();
    }

    [Fact]
    public async Task Layer_series_come_back_for_any_name_and_over_a_change_of_the_table()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync([new RunWrites("run", 1) { Blocks = [.. Enumerable.Range(0, 8).Select(i => SampleWrites.Block(i * 4, 4))] }], None);
        string[] changed = ["ヘッド🎯", "new"];
        await store.WriteAsync([new RunWrites("run", 2) { Blocks = [SampleWrites.Block(32, 4, layers: changed, version: 2)] }], None);
        var series = await Single(store, LayerRequest("run", "ヘッド🎯", "grad_norm"));
        series.Layer.ShouldBe("ヘッド🎯");
        series.X.ShouldBe(Enumerable.Range(0, 9).Select(i => (i * 4) + 3.0));
        series.Last.Select(v => (float)v).ShouldBe([.. Enumerable.Range(0, 8).Select(i => (i * 4) + 2.5f), 32.5f]);
        series.Min[0].ShouldBe(1);
        series.Count.ShouldAllBe(count => count == 4);
        var coarse = LayerRequest("run", "läyer/0 \"x\"", "noise_scale");
        coarse.MaxBuckets = 2;
        var buckets = await Single(store, coarse);
        buckets.Count.ShouldBe([16UL, 16]);
        buckets.X.ShouldBe([15.0, 31]);
        buckets.Min.ShouldBe([600.0, 616]);
        buckets.Max.ShouldBe([614.0, 630]);
        var window = LayerRequest("run", "new", "grad_norm");
        (window.From, window.To) = (34, 34);
        (await Single(store, window)).X.ShouldBe([35.0], "a window is in the range if any of its steps is");
    }

    [Fact]
    public async Task Scalars_probes_and_windows_take_their_x_from_the_step_at_or_before()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync(
            [
                new RunWrites("run", 1)
                {
                    Points =
                    [
                        .. Enumerable.Range(0, 5).Select(i => SampleWrites.Point(
                            i * 10, values: [(RunSeries.Samples, i * 320), (RunSeries.Epoch, i / 2.0), (RunSeries.Tokens, 100 + i)])),
                    ],
                    Scalars = [.. Enumerable.Range(1, 3).Select(i => new ScalarPoint(0, 0, (i * 10) + 5, 7_000_000_000 * i, "s", i))],
                    Probes = [SampleWrites.Probe(20, ProbeKind.Sharpness, 2)],
                    Blocks = [SampleWrites.Block(8, 8), SampleWrites.Block(16, 8)],
                },
            ],
            None);
        (await X(XAxis.Samples, "scalar/s")).ShouldBe([320.0, 640, 960]);
        (await X(XAxis.Epoch, "scalar/s")).ShouldBe([0.5, 1, 1.5]);
        (await X(XAxis.Tokens, "scalar/s")).ShouldBe([201.0, 303, 406]);
        (await X(XAxis.Time, "scalar/s")).ShouldBe([7.0, 14, 21]);
        (await X(XAxis.Samples, "probe/sharpness")).ShouldBe([640.0]);
        (await X(XAxis.Samples, "grad_norm", "embed")).ShouldBe([320.0, 640]);
        (await X(XAxis.Time, "grad_norm", "embed")).ShouldBe([SampleWrites.TimeOf(10) / 1e9, SampleWrites.TimeOf(20) / 1e9]);

        async Task<IEnumerable<double>> X(XAxis axis, string name, string? layer = null)
        {
            var request = layer is null ? Request("run", name) : LayerRequest("run", layer, name);
            request.XAxis = axis;
            return (await Single(store, request)).X;
        }
    }

    [Fact]
    public async Task Alerts_come_in_order_and_by_page()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync(
            [
                new RunWrites("a", 1)
                {
                    Alerts =
                    [
                        SampleWrites.Alert("a", 1, AlertState.Firing, "loss_spike", 10), SampleWrites.Alert("a", 2, AlertState.Firing, "divergence", 20),
                        SampleWrites.Alert("a", 3, AlertState.Resolved, "loss_spike", 30),
                    ],
                },
                new RunWrites("b", 2) { Alerts = [SampleWrites.Alert("b", 1, AlertState.Pending, "grokking", 15)] },
            ],
            None);
        (await Ordinals(new ListAlertsRequest { RunId = "a" })).ShouldBe(["a1", "a2", "a3"]);
        (await Ordinals(new ListAlertsRequest { RunId = "a", AfterOrdinal = 1, Limit = 1 })).ShouldBe(["a2"]);
        (await Ordinals(new ListAlertsRequest { RunId = "a", ActiveOnly = true })).ShouldBe(["a2"]);
        (await Ordinals(new ListAlertsRequest())).ShouldBe(["a1", "b1", "a2", "a3"]);
        (await Ordinals(new ListAlertsRequest { Limit = 2 })).ShouldBe(["a2", "a3"], "of all runs the newest");
        (await Ordinals(new ListAlertsRequest { ActiveOnly = true })).ShouldBe(["b1", "a2"]);
        (await store.ListAlertsAsync(new ListAlertsRequest { RunId = "b" }, None))[0].ShouldBe(SampleWrites.Alert("b", 1, AlertState.Pending, "grokking", 15));

        async Task<IEnumerable<string>> Ordinals(ListAlertsRequest request) => (await store.ListAlertsAsync(request, None)).Select(alert => $"{alert.RunId}{alert.Ordinal}");
    }

    [Fact]
    public async Task Alerts_of_some_projects_are_those_and_no_others()
    {
        await using var opened = await OpenAsync();
        ISeriesStore store = opened;
        await store.WriteAsync(
            [
                new RunWrites("a", 1) { Project = "p", Row = SampleWrites.Row("a", "p", 100), Alerts = [SampleWrites.Alert("a", 1, AlertState.Firing, step: 10), SampleWrites.Alert("a", 2, AlertState.Resolved, step: 20)] },
                new RunWrites("b", 2) { Project = "it's", Row = SampleWrites.Row("b", "it's", 200), Alerts = [SampleWrites.Alert("b", 1, AlertState.Firing, "grokking", 15)] },
                new RunWrites("c", 3) { Project = "r", Row = SampleWrites.Row("c", "r", 300), Alerts = [SampleWrites.Alert("c", 1, AlertState.Firing, "grokking", 30)] },
            ],
            None);
        (await Of(new ListAlertsRequest(), "p", "it's")).ShouldBe(["a1", "b1", "a2"]);
        (await Of(new ListAlertsRequest { Limit = 2 }, "p", "it's")).ShouldBe(["b1", "a2"], "the newest");
        (await Of(new ListAlertsRequest { ActiveOnly = true }, "p", "r")).ShouldBe(["c1"]);
        (await Of(new ListAlertsRequest(), "nothing")).ShouldBeEmpty();
        (await Of(new ListAlertsRequest())).ShouldBeEmpty();

        async Task<IEnumerable<string>> Of(ListAlertsRequest request, params string[] projects) =>
            (await store.ListAlertsAsync(request, projects, None)).Select(alert => $"{alert.RunId}{alert.Ordinal}");
    }

    [Fact]
    public async Task The_newest_row_of_a_run_is_listed_newest_activity_first()
    {
        await using (var store = await OpenAsync())
        {
            await store.WriteAsync([new RunWrites("a", 1) { Row = SampleWrites.Row("a", "vision", 100) }, new RunWrites("b", 2) { Row = SampleWrites.Row("b", "språk", 200) }], None);
            await store.WriteAsync(
                [new RunWrites("a", 3) { Row = SampleWrites.Row("a", "vision", 250, 0.7) }, new RunWrites("a", 4) { Row = SampleWrites.Row("a", "vision", 300, 0.5) }, new RunWrites("a", 5)], None);
        }

        await using var again = await OpenAsync();
        (await again.ListRunsAsync("", 0, None)).Select(run => run.RunId).ShouldBe(["a", "b"]);
        (await again.ListRunsAsync("", 1, None)).ShouldHaveSingleItem().Loss.ShouldBe(0.5);
        (await again.ListRunsAsync("språk", 0, None)).ShouldHaveSingleItem().RunId.ShouldBe("b");
        (await again.ListRunsAsync("none", 0, None)).ShouldBeEmpty();
        (await again.GetRunAsync("a", None))!.Summary.Loss.ShouldBe(0.5);
    }

    [Fact]
    public async Task Series_with_data_are_listed_with_unit_and_meaning()
    {
        await using (var store = await OpenAsync())
        {
            await store.WriteAsync(
                [
                    Losses("run", 1, 0, 3) with
                    {
                        Scalars = [new ScalarPoint(0, 0, 0, 0, "naïve/β", 1)],
                        Blocks = [SampleWrites.Block(0, 4)],
                        Probes = [SampleWrites.Probe(2, ProbeKind.BatchSharpness, 5)],
                    },
                ],
                None);
        }

        await using var again = await OpenAsync();
        var series = await again.ListSeriesAsync("run", None);
        series.Where(info => !info.PerLayer).Select(info => info.Name).ShouldBe(["loss", "probe/batch_sharpness", "scalar/naïve/β"], ignoreOrder: true);
        series.Where(info => info.PerLayer).Select(info => info.Name).ShouldBe(["grad_norm", "noise_scale"], ignoreOrder: true);
        series.Single(info => info.Name == "loss").Unit.ShouldBe("nats");
        series.ShouldAllBe(info => info.Description.Length > 0);
    }

    [Fact]
    public async Task Around_a_step_is_everything_of_it()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync(
            [
                Losses("run", 1, 0, 200) with
                {
                    Scalars = [new ScalarPoint(0, 0, 100, SampleWrites.TimeOf(100), "s", 1), new ScalarPoint(0, 0, 150, SampleWrites.TimeOf(150), "s", 2)],
                    Blocks = [.. Enumerable.Range(0, 50).Select(i => SampleWrites.Block(i * 4, 4))],
                    Alerts = [SampleWrites.Alert("run", 1, AlertState.Firing, step: 10), SampleWrites.Alert("run", 2, AlertState.Resolved, step: 104)],
                },
            ],
            None);
        var around = await store.GetAroundAsync(new AroundRequest { RunId = "run", Step = 100, Radius = 5 }, None);
        around.Series.Single(series => series.Name == "loss").X.ShouldBe(Enumerable.Range(95, 11).Select(i => (double)i));
        around.Series.Single(series => series.Name == "scalar/s").Last.ShouldBe([1.0]);
        around.LayerSeries.Count.ShouldBe(2 * SampleWrites.Layers.Length);
        around.LayerSeries.Single(series => series.Name == "noise_scale" && series.Layer == "embed").X.ShouldBe([95.0, 99, 103, 107]);
        around.Alerts.Select(alert => alert.Ordinal).ShouldBe([2UL]);
        (await store.GetAroundAsync(new AroundRequest { RunId = "run", Step = 1 }, None)).Series.Single(series => series.Name == "loss").X.Count.ShouldBe(52);
    }

    [Fact]
    public async Task A_run_is_exported_as_csv()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync([Losses("run", 1, 0, 3) with { Blocks = [SampleWrites.Block(0, 4)] }], None);
        var path = Path.Combine(Path.GetTempPath(), $"trainmon's export {Guid.NewGuid():N}.csv");
        try
        {
            await store.ExportAsync("run", path, ExportFormat.Csv, layers: false, None);
            var lines = await File.ReadAllLinesAsync(path, None);
            lines[0].ShouldBe("attempt,segment,step,time_ns,loss");
            lines[2].ShouldBe($"0,0,1,{SampleWrites.TimeOf(1)},0.5");
            lines.Length.ShouldBe(4);
            await store.ExportAsync("run", path, ExportFormat.Csv, layers: true, None);
            lines = await File.ReadAllLinesAsync(path, None);
            lines.Length.ShouldBe(1 + (2 * SampleWrites.Layers.Length));
            lines[1].ShouldBe($"0,0,0,3,4,{SampleWrites.TimeOf(0)},embed,grad_norm,4,0,-1.0,1.0,0.0,0.5");
            await Should.ThrowAsync<KeyNotFoundException>(() => store.ExportAsync("nobody", path, ExportFormat.Csv, false, None));
        }
        finally
        {
            File.Delete(path);
        }
    }

    protected static RunWrites Losses(string runId, long position, int from, int count) => new(runId, position)
    {
        Points = [.. Enumerable.Range(from, count).Select(i => SampleWrites.Point(i, values: (RunSeries.Loss, 1.0 / (1 + i))))],
    };

    protected static SeriesRequest Request(string runId, params string[] names) => new() { RunId = runId, Names = { names } };

    protected static SeriesRequest LayerRequest(string runId, string layer, params string[] names) => new() { RunId = runId, Layer = layer, Names = { names } };

    protected static async Task<Protocol.V1.Series> Single(ISeriesStore store, SeriesRequest request) => (await store.GetSeriesAsync(request, None)).Series.ShouldHaveSingleItem();
}
