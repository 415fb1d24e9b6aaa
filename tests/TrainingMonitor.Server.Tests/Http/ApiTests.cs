using System.Net;
using System.Text.Json;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Server.Tests.Http;

public sealed class ApiTests
{
    [Fact]
    public async Task Runs_of_store_and_actors_are_merged_newest_first()
    {
        await using var server = await ServerUnderTest.StartAsync();
        server.Node.Store.Runs["old"] = Samples.Run("old", updated: 1);
        server.Node.Store.Runs["now"] = Samples.Run("now", updated: 2);
        server.Node.Gateway.Live["now"] = Samples.Run("now", updated: 9, RunState.Running);
        server.Node.Gateway.Live["new"] = Samples.Run("new", updated: 5, RunState.Running, loss: double.NaN);
        var runs = (await JsonAsync(server, "/api/v1/runs")).GetProperty("runs");
        runs.EnumerateArray().Select(r => r.GetProperty("runId").GetString()).ShouldBe(["now", "new", "old"]);
        runs[0].GetProperty("state").GetString().ShouldBe("RUN_STATE_RUNNING");
        runs[0].GetProperty("step").GetString().ShouldBe("100");
        runs[1].GetProperty("loss").GetString().ShouldBe("NaN");
        (await JsonAsync(server, "/api/v1/runs?project=none")).GetProperty("runs").GetArrayLength().ShouldBe(0);
        (await JsonAsync(server, "/api/v1/runs?limit=1")).GetProperty("runs").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_run_is_live_or_stored_and_its_id_any_unicode()
    {
        await using var server = await ServerUnderTest.StartAsync();
        server.Node.Store.Runs["läuf 1?#%"] = Samples.Run("läuf 1?#%");
        var run = await JsonAsync(server, "/api/v1/runs/" + Uri.EscapeDataString("läuf 1?#%"));
        run.GetProperty("summary").GetProperty("runId").GetString().ShouldBe("läuf 1?#%");
    }

    [Fact]
    public async Task The_export_of_a_run_whose_rows_are_not_stored_yet_says_so()
    {
        await using var server = await ServerUnderTest.StartAsync();
        server.Node.Gateway.Live["new"] = Samples.Run("new", updated: 5, RunState.Running);
        using var answer = await server.Http.GetAsync("/api/v1/runs/new/export");
        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("is stored yet");
    }

    [Fact]
    public async Task Series_come_with_the_parameters_asked_for()
    {
        await using var server = await ServerUnderTest.StartAsync();
        server.Node.Store.Runs["a"] = Samples.Run("a");
        server.Node.Store.Series["loss"] = Samples.Series("loss");
        var series = (await JsonAsync(server, "/api/v1/runs/a/series?names=loss,noise_scale&x=epoch&from=0.5&to=2&buckets=10")).GetProperty("series");
        series.GetArrayLength().ShouldBe(1);
        series[0].GetProperty("last").EnumerateArray().Select(v => v.ToString()).ShouldBe(["1", "2", "NaN"]);
        var asked = server.Node.Store.LastSeries!;
        asked.Names.ShouldBe(["loss", "noise_scale"]);
        (asked.XAxis, asked.From, asked.To, asked.MaxBuckets, asked.HasLayer).ShouldBe((XAxis.Epoch, 0.5, 2, 10u, false));
        (await JsonAsync(server, "/api/v1/runs/a/series/list")).GetProperty("series")[0].GetProperty("name").GetString().ShouldBe("loss");
    }

    [Theory]
    [InlineData("/api/v1/runs/a/series", "names")]
    [InlineData("/api/v1/runs/a/series?names=nonsense", "names[0]")]
    [InlineData("/api/v1/runs/a/series?names=loss&x=parsec", "x")]
    [InlineData("/api/v1/runs/a/series?names=loss&from=abc", "from")]
    [InlineData("/api/v1/runs/a/series?names=loss&from=NaN", "from")]
    [InlineData("/api/v1/runs/a/series?names=loss&from=2&to=1", "from")]
    [InlineData("/api/v1/runs/a/series?names=loss&buckets=100000", "max_buckets")]
    [InlineData("/api/v1/runs/a/series?names=loss&bucket=10", "bucket")]
    [InlineData("/api/v1/runs/a/series?names=loss&names=accuracy", "names")]
    [InlineData("/api/v1/runs/a/around", "step")]
    [InlineData("/api/v1/runs/a/around?step=-1", "step")]
    [InlineData("/api/v1/runs/a/around?step=1&radius=99999999", "radius")]
    [InlineData("/api/v1/runs?limit=99999999", "limit")]
    [InlineData("/api/v1/alerts?after=3", "after_ordinal")]
    [InlineData("/api/v1/alerts?active=perhaps", "active")]
    [InlineData("/api/v1/runs/a/watch?rate=1000", "max_per_second")]
    public async Task A_bad_parameter_is_named(string address, string parameter)
    {
        await using var server = await ServerUnderTest.StartAsync();
        server.Node.Store.Runs["a"] = Samples.Run("a");
        await ProblemAsync(server, address, HttpStatusCode.BadRequest, parameter);
    }

    [Theory]
    [InlineData("/api/v1/runs/none")]
    [InlineData("/api/v1/runs/none/series?names=loss")]
    [InlineData("/api/v1/runs/none/series/list")]
    [InlineData("/api/v1/runs/none/alerts")]
    [InlineData("/api/v1/runs/none/around?step=1")]
    [InlineData("/api/v1/runs/none/watch")]
    public async Task An_unknown_run_is_not_found(string address)
    {
        await using var server = await ServerUnderTest.StartAsync();
        await ProblemAsync(server, address, HttpStatusCode.NotFound, "run_id");
    }

    [Fact]
    public async Task An_unknown_address_is_not_found()
    {
        await using var server = await ServerUnderTest.StartAsync();
        await ProblemAsync(server, "/api/v1/nothing", HttpStatusCode.NotFound, null);
    }

    [Fact]
    public async Task Alerts_and_the_surroundings_of_a_step()
    {
        await using var server = await ServerUnderTest.StartAsync();
        server.Node.Store.Runs["a"] = Samples.Run("a");
        server.Node.Store.Series["loss"] = Samples.Series("loss");
        server.Node.Store.Alerts.AddRange([Samples.Alert("a", 1), Samples.Alert("a", 2)]);
        (await JsonAsync(server, "/api/v1/alerts")).GetProperty("alerts").GetArrayLength().ShouldBe(2);
        var alert = (await JsonAsync(server, "/api/v1/runs/a/alerts?after=1")).GetProperty("alerts").EnumerateArray().Single();
        alert.GetProperty("summary").GetString().ShouldBe("The loss jumped to 9 at step 2.");
        alert.GetProperty("severity").GetString().ShouldBe("SEVERITY_WARNING");
        (await JsonAsync(server, "/api/v1/runs/a/around?step=2&radius=5")).GetProperty("series").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task Early_calls_are_asked_to_come_again()
    {
        var port = Ports.Free();
        var recovery = new TaskCompletionSource();
        var under = new ServerUnderTest { Node = new FakeNode { Recovery = recovery.Task } };
        var starting = under.BeginAsync(o => o with { NoAuth = true, HttpPort = port });
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Eventually.Async(async () => (await http.GetAsync("/health/ready", TestContext.Current.CancellationToken)).StatusCode == HttpStatusCode.ServiceUnavailable);
        (await http.GetAsync("/api/v1/runs", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await http.GetAsync("/health/live", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        recovery.SetResult();
        await using var server = await starting;
        (await http.GetAsync("/health/ready", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await http.GetAsync("/api/v1/runs", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Metrics_are_prometheus_text_with_the_numbers_of_ingest_and_actors()
    {
        await using var server = await ServerUnderTest.StartAsync();
        using (var trainer = new Trainer(server))
        {
            await trainer.OpenAsync();
            await trainer.SendAsync(Trainer.Scalars(1));
            await trainer.ReadAckAsync(1);
            var text = await server.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
            text.ShouldContain("trainmon_ingest_streams 1");
            text.ShouldContain("trainmon_ingest_frames_total 1");
            text.ShouldContain("trainmon_runs_active 3");
            text.ShouldContain("# TYPE trainmon_steps_total counter");
            text.ShouldContain("process_");
            text.ShouldNotContain("run-1");
        }
    }

    private static async Task<JsonElement> JsonAsync(ServerUnderTest server, string address)
    {
        using var response = await server.Http.GetAsync(address, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task ProblemAsync(ServerUnderTest server, string address, HttpStatusCode status, string? parameter)
    {
        using var response = await server.Http.GetAsync(address, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBe(status, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        var problem = JsonDocument.Parse(text).RootElement;
        problem.GetProperty("status").GetInt32().ShouldBe((int)status);
        problem.GetProperty("detail").GetString().ShouldNotBeNullOrEmpty();
        (problem.TryGetProperty("parameter", out var named) ? named.GetString() : null).ShouldBe(parameter);
    }
}
