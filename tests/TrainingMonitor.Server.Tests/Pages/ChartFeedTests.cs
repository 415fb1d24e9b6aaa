using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Pages.Charts;
using TrainingMonitor.Server.Queries;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Server.Tests.Pages;

public sealed class ChartFeedTests : IAsyncDisposable
{
    private readonly FakeNode node = new();
    private readonly ChartFeed feed;

    public ChartFeedTests()
    {
        var services = new MonitorServices();
        services.Set(node);
        node.Store.Runs["a"] = Samples.Run("a");
        node.Store.Series["loss"] = new Series { Name = "loss" };
        feed = new ChartFeed(new RunQueries(services, Server.Security.Caller.Owner), "a");
    }

    [Fact]
    public async Task Only_new_points_follow_the_first_load()
    {
        Add(1, 2, 3);
        var first = await feed.LoadAsync(XAxis.Step, TestContext.Current.CancellationToken);
        first.Replace.ShouldBeTrue();
        first.Series["loss"].X.ShouldBe([1, 2, 3]);
        (await feed.MoreAsync(TestContext.Current.CancellationToken)).ShouldBeNull();
        Add(4, 5);
        var more = await feed.MoreAsync(TestContext.Current.CancellationToken);
        more!.Replace.ShouldBeFalse();
        more.Series["loss"].X.ShouldBe([4, 5]);
        node.Store.LastSeries!.From.ShouldBe(3);
    }

    [Fact]
    public async Task An_empty_run_is_loaded_when_it_has_points()
    {
        (await feed.LoadAsync(XAxis.Step, TestContext.Current.CancellationToken)).Series.ShouldBeEmpty();
        (await feed.MoreAsync(TestContext.Current.CancellationToken)).ShouldBeNull();
        Add(0);
        (await feed.MoreAsync(TestContext.Current.CancellationToken))!.Series["loss"].X.ShouldBe([0]);
    }

    [Fact]
    public async Task A_new_segment_loads_everything_anew()
    {
        Add(1, 2, 3);
        await feed.LoadAsync(XAxis.Step, TestContext.Current.CancellationToken);
        node.Store.Series["loss"].Segment = 1;
        Add(4);
        var more = await feed.MoreAsync(TestContext.Current.CancellationToken);
        more!.Replace.ShouldBeTrue();
        more.Series["loss"].X.ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public async Task What_is_not_finite_is_not_there()
    {
        Add(1);
        node.Store.Series["loss"].Last[0] = double.NaN;
        var points = (await feed.LoadAsync(XAxis.Step, TestContext.Current.CancellationToken)).Series["loss"];
        points.Last.ShouldBe([null]);
        points.Low.ShouldBe([1.0]);
    }

    public ValueTask DisposeAsync() => node.DisposeAsync();

    private void Add(params double[] at)
    {
        var series = node.Store.Series["loss"];
        foreach (var x in at)
        {
            series.X.Add(x);
            series.Min.Add(1);
            series.Max.Add(1);
            series.Last.Add(1);
            series.Count.Add(1);
            series.NonFinite.Add(0);
        }
    }
}
