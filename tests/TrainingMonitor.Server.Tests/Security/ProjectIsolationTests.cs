using System.Text.Json;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Server.Tests.Security;

/// <summary>To a token for project a, a run of project b is not there: real actors, real stores, live and stored.</summary>
public sealed class ProjectIsolationTests
{
    private const string Section = """{"receivers":[{"name":"script","kind":"command","program":"/bin/true"}]}""";

    [Fact]
    public async Task A_run_of_another_project_is_not_there()
    {
        await using var server = await ServerUnderTest.StartRealAsync(o => o with { Notifications = Section });
        var token = await Tokens.CreateAsync(server, "a", "ingest,read,admin", "a");
        using var mine = await AlertAsync(server, "run-a", "a");
        using var other = await AlertAsync(server, "run-b", "b");
        await Eventually.Async(async () => (await Tokens.AskAsync(server, server.Token, "/api/v1/alerts")).Body is var all && all.Contains("run-a", StringComparison.Ordinal) && all.Contains("run-b", StringComparison.Ordinal));

        foreach (var path in (string[])["/api/v1/runs", "/api/v1/runs?project=b", "/api/v1/alerts", "/api/v1/alerts?active=true"])
        {
            var (status, body) = await Tokens.AskAsync(server, token, path);
            (status, body.Contains("run-b", StringComparison.Ordinal)).ShouldBe((200, false), path);
            body.Contains("run-a", StringComparison.Ordinal).ShouldBe(!path.Contains("project=b", StringComparison.Ordinal), path);
        }

        // Word for word what is said of a run that nobody has.
        foreach (var path in (string[])["", "/series?names=loss", "/series/list", "/alerts", "/around?step=1", "/export", "/watch"])
        {
            var (status, body) = await Tokens.AskAsync(server, token, "/api/v1/runs/run-b" + path);
            var (noStatus, noBody) = await Tokens.AskAsync(server, token, "/api/v1/runs/run-c" + path);
            (status, body).ShouldBe((404, noBody.Replace("run-c", "run-b", StringComparison.Ordinal)), path);
            noStatus.ShouldBe(404);
            (await Tokens.AskAsync(server, token, "/api/v1/runs/run-a" + path)).Status.ShouldNotBe(404, path);
        }

        var queries = new Protocol.V1.Queries.QueriesClient(server.Channel);
        using var recording = queries.GetRecording(new RecordingRequest { RunId = "run-b" }, server.Call(token));
        (await Should.ThrowAsync<RpcException>(() => recording.ResponseStream.MoveNext(TestContext.Current.CancellationToken))).StatusCode.ShouldBe(StatusCode.NotFound);
        using var watch = queries.WatchRun(new WatchRunRequest { RunId = "run-b" }, server.Call(token));
        (await Should.ThrowAsync<RpcException>(() => watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken))).StatusCode.ShouldBe(StatusCode.NotFound);
        (await Tokens.AskAsync(server, token, "/api/v1/alerts/watch?run=run-b")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Live_alerts_of_another_project_are_not_heard()
    {
        await using var server = await ServerUnderTest.StartRealAsync();
        var token = await Tokens.CreateAsync(server, "a", "read", "a");
        using var watch = new Protocol.V1.Queries.QueriesClient(server.Channel).WatchAlerts(new WatchAlertsRequest(), server.Call(token));
        await watch.ResponseHeadersAsync;
        using var other = await AlertAsync(server, "run-b", "b");
        using var mine = await AlertAsync(server, "run-a", "a");
        (await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken)).ShouldBeTrue();
        watch.ResponseStream.Current.RunId.ShouldBe("run-a");
    }

    [Fact]
    public async Task A_trainer_stays_in_its_project_and_takes_no_run_out_of_another()
    {
        await using var server = await ServerUnderTest.StartRealAsync();
        var token = await Tokens.CreateAsync(server, "a", "ingest", "a");
        using var other = await AlertAsync(server, "run-b", "b");
        using var stranger = new Trainer(server, token);
        await stranger.SendAsync(Trainer.Frame(Hello("new", "b")));
        var (refused, field) = await stranger.ReadErrorAsync();
        (refused.StatusCode, field).ShouldBe((StatusCode.PermissionDenied, "project"));
        using var thief = new Trainer(server, token);
        await thief.SendAsync(Trainer.Frame(Hello("run-b", "a")));
        (await thief.ReadErrorAsync()).Error.StatusCode.ShouldBe(StatusCode.FailedPrecondition);
        JsonDocument.Parse((await Tokens.AskAsync(server, server.Token, "/api/v1/runs/run-b")).Body).RootElement.GetProperty("summary").GetProperty("project").GetString().ShouldBe("b");
        await other.SendAsync(Steps.Report(4, 2, 1.0));
        (await other.ReadAckAsync(4)).Received.ShouldBe(4UL);
    }

    [Fact]
    public async Task Silences_and_acknowledgements_stay_in_the_project()
    {
        await using var server = await ServerUnderTest.StartRealAsync(o => o with { Notifications = Section });
        var token = await Tokens.CreateAsync(server, "a", "admin", "a");
        using var mine = await AlertAsync(server, "run-a", "a");
        using var other = await AlertAsync(server, "run-b", "b");
        await Eventually.Async(async () => (await Tokens.AskAsync(server, server.Token, "/api/v1/acks?alert=run-b/nonfinite", HttpMethod.Post)).Status == 200);
        (await Tokens.AskAsync(server, token, "/api/v1/acks")).Body.ShouldBe("""{"acks":[]}""");
        (await Tokens.AskAsync(server, token, "/api/v1/acks?alert=run-b/nonfinite", HttpMethod.Post)).Status.ShouldBe(404);
        (await Tokens.AskAsync(server, token, "/api/v1/acks?alert=run-b/nonfinite", HttpMethod.Delete)).Status.ShouldBe(404);
        await Eventually.Async(async () => (await Tokens.AskAsync(server, token, "/api/v1/acks?alert=run-a/nonfinite", HttpMethod.Post)).Status == 200);

        var global = JsonDocument.Parse((await Tokens.AskAsync(server, server.Token, "/api/v1/silences?run=*&minutes=5", HttpMethod.Post)).Body).RootElement.GetProperty("id").GetString();
        foreach (var wide in (string[])["run=*", "project=b", "project=*", "project=a*", "severity=info"])
            (await Tokens.AskAsync(server, token, $"/api/v1/silences?{wide}&minutes=5", HttpMethod.Post)).Status.ShouldBe(403, wide);
        (await Tokens.AskAsync(server, token, "/api/v1/silences?project=a&minutes=5", HttpMethod.Post)).Status.ShouldBe(200);
        JsonDocument.Parse((await Tokens.AskAsync(server, token, "/api/v1/silences")).Body).RootElement.GetProperty("silences").GetArrayLength().ShouldBe(1);
        (await Tokens.AskAsync(server, token, "/api/v1/silences/" + global, HttpMethod.Delete)).Status.ShouldBe(404);
        (await Tokens.AskAsync(server, server.Token, "/api/v1/silences/" + global, HttpMethod.Delete)).Status.ShouldBe(200);
    }

    private static Hello Hello(string run, string project)
    {
        var hello = Trainer.Hello(run);
        hello.Project = project;
        return hello;
    }

    // A run with an alert that fires; the stream stays open.
    private static async Task<Trainer> AlertAsync(ServerUnderTest server, string run, string project)
    {
        var trainer = new Trainer(server);
        await trainer.OpenAsync(Hello(run, project));
        await trainer.SendAsync(Steps.Table(1));
        await trainer.SendAsync(Steps.Report(2, 0, 1.0));
        await trainer.SendAsync(Steps.Report(3, 1, double.NaN));
        await trainer.ReadAckAsync(3);
        return trainer;
    }
}
