using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;
using QueryClient = TrainingMonitor.Protocol.V1.Queries.QueriesClient;

namespace TrainingMonitor.Server.Tests.Queries;

public sealed class QueriesServiceTests
{
    [Fact]
    public async Task Every_query_answers_from_actor_or_store()
    {
        await using var server = await ServerUnderTest.StartAsync();
        var queries = new QueryClient(server.Channel);
        server.Node.Store.Runs["a"] = Samples.Run("a");
        server.Node.Gateway.Live["b"] = Samples.Run("b", updated: 5, RunState.Running);
        server.Node.Store.Series["loss"] = Samples.Series("loss");
        server.Node.Store.Alerts.Add(Samples.Alert("a", 1));

        (await queries.ListRunsAsync(new ListRunsRequest(), server.Call())).Runs.Select(r => r.RunId).ShouldBe(["b", "a"]);
        (await queries.GetRunAsync(new GetRunRequest { RunId = "b" }, server.Call())).Summary.State.ShouldBe(RunState.Running);
        (await queries.GetRunAsync(new GetRunRequest { RunId = "a" }, server.Call())).Summary.State.ShouldBe(RunState.Finished);
        (await queries.GetSeriesAsync(new SeriesRequest { RunId = "a", Names = { "loss" } }, server.Call())).Series.Single().X.Count.ShouldBe(3);
        (await queries.ListSeriesAsync(new ListSeriesRequest { RunId = "a" }, server.Call())).Series.Single().Name.ShouldBe("loss");
        (await queries.ListAlertsAsync(new ListAlertsRequest(), server.Call())).Alerts.Count.ShouldBe(1);
        (await queries.GetAroundAsync(new AroundRequest { RunId = "a", Step = 1 }, server.Call())).Alerts.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Errors_have_a_status_and_a_field()
    {
        await using var server = await ServerUnderTest.StartAsync();
        var queries = new QueryClient(server.Channel);
        await ShouldFailAsync(queries.GetRunAsync(new GetRunRequest(), server.Call()).ResponseAsync, StatusCode.InvalidArgument, "run_id");
        await ShouldFailAsync(queries.GetRunAsync(new GetRunRequest { RunId = "none" }, server.Call()).ResponseAsync, StatusCode.NotFound, "run_id");
        await ShouldFailAsync(queries.GetRunAsync(new GetRunRequest { RunId = new string('a', 129) }, server.Call()).ResponseAsync, StatusCode.InvalidArgument, "run_id");
        await ShouldFailAsync(queries.GetRunAsync(new GetRunRequest { RunId = "a\u0007" }, server.Call()).ResponseAsync, StatusCode.InvalidArgument, "run_id");
        await ShouldFailAsync(queries.GetSeriesAsync(new SeriesRequest { RunId = "a", Names = { "loss", "no" } }, server.Call()).ResponseAsync, StatusCode.InvalidArgument, "names[1]");
        await ShouldFailAsync(queries.GetSeriesAsync(new SeriesRequest { RunId = "a", Names = { "loss" }, Layer = "l", XAxis = (XAxis)77 }, server.Call()).ResponseAsync, StatusCode.InvalidArgument, "names[0]");
        await ShouldFailAsync(queries.GetSeriesAsync(new SeriesRequest { RunId = "a", Names = { "loss" }, XAxis = (XAxis)77 }, server.Call()).ResponseAsync, StatusCode.InvalidArgument, "x_axis");
        await ShouldFailAsync(queries.WatchRun(new WatchRunRequest { RunId = "a", MaxPerSecond = double.NaN }, server.Call()).ResponseStream.MoveNext(TestContext.Current.CancellationToken), StatusCode.InvalidArgument, "max_per_second");
        await ShouldFailAsync(queries.WatchRun(new WatchRunRequest { RunId = "none" }, server.Call()).ResponseStream.MoveNext(TestContext.Current.CancellationToken), StatusCode.NotFound, "run_id");
        await ShouldFailAsync(queries.GetRecording(new RecordingRequest { RunId = "none" }, server.Call()).ResponseStream.MoveNext(TestContext.Current.CancellationToken), StatusCode.NotFound, "run_id");
    }

    [Fact]
    public async Task A_recording_comes_in_pieces()
    {
        await using var server = await ServerUnderTest.StartAsync();
        server.Node.Store.Runs["a"] = Samples.Run("a");
        using var call = new QueryClient(server.Channel).GetRecording(new RecordingRequest { RunId = "a" }, server.Call());
        var bytes = new List<byte>();
        await foreach (var chunk in call.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
            bytes.AddRange(chunk.Data);
        bytes.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task Watching_follows_the_run_and_ends_with_the_server()
    {
        await using var server = await ServerUnderTest.StartAsync();
        server.Node.Gateway.Live["b"] = Samples.Run("b", state: RunState.Running);
        using var call = new QueryClient(server.Channel).WatchRun(new WatchRunRequest { RunId = "b" }, server.Call());
        server.Node.Gateway.Updates.Writer.TryWrite(new RunUpdate { Summary = new RunSummary { Step = 7 } });
        (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)).ShouldBeTrue();
        call.ResponseStream.Current.Summary.Step.ShouldBe(7UL);
        var end = call.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
        await server.Server.DisposeAsync();
        (await Should.ThrowAsync<RpcException>(end)).StatusCode.ShouldBe(StatusCode.Unavailable);
    }

    private static async Task ShouldFailAsync(Task call, StatusCode status, string field)
    {
        var error = await Should.ThrowAsync<RpcException>(call);
        error.StatusCode.ShouldBe(status);
        error.GetRpcStatus()!.GetDetail<Google.Rpc.BadRequest>()!.FieldViolations.Single().Field.ShouldBe(field);
    }
}
