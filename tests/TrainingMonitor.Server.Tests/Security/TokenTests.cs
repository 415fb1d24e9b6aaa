using System.Text.Json;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Server.Tests.Security;

public sealed class TokenTests
{
    [Fact]
    public async Task A_token_outlives_a_restart_and_only_its_hash_is_kept()
    {
        await using var server = await ServerUnderTest.StartRealAsync();
        var token = await Tokens.CreateAsync(server, "ci", "read");
        (await Tokens.AskAsync(server, token, "/api/v1/runs")).Status.ShouldBe(200);
        await server.Server.DisposeAsync();
        foreach (var file in Directory.EnumerateFiles(server.Data, "*", SearchOption.AllDirectories))
            System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)).ShouldNotContain(token["trainmon_".Length..], customMessage: file);

        await server.RestartRealAsync();
        (await Tokens.AskAsync(server, token, "/api/v1/runs")).Status.ShouldBe(200);
        var listed = JsonDocument.Parse((await Tokens.AskAsync(server, server.Token, "/api/v1/tokens")).Body).RootElement.GetProperty("tokens")[0];
        (listed.GetProperty("name").GetString(), listed.GetProperty("scopes").GetString()).ShouldBe(("ci", "read"));
        listed.TryGetProperty("token", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Revoking_ends_running_streams_and_watches()
    {
        await using var server = await ServerUnderTest.StartRealAsync();
        var token = await Tokens.CreateAsync(server, "all", "ingest,read");
        using var trainer = new Trainer(server, token);
        await trainer.OpenAsync();
        using var watch = new Protocol.V1.Queries.QueriesClient(server.Channel).WatchAlerts(new WatchAlertsRequest(), server.Call(token));
        await watch.ResponseHeadersAsync;
        using var events = new HttpClient { BaseAddress = server.Server.HttpAddress, DefaultRequestHeaders = { Authorization = new("Bearer", token) } };
        await using var body = await events.GetStreamAsync("/api/v1/alerts/watch", TestContext.Current.CancellationToken);

        (await Tokens.AskAsync(server, server.Token, "/api/v1/tokens/all", HttpMethod.Delete)).Status.ShouldBe(200);
        (await trainer.ReadErrorAsync()).Error.StatusCode.ShouldBe(StatusCode.Unauthenticated);
        (await Should.ThrowAsync<RpcException>(() => watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken))).StatusCode.ShouldBe(StatusCode.Unauthenticated);
        await body.CopyToAsync(Stream.Null, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        using var again = new Trainer(server, token);
        (await again.ReadErrorAsync()).Error.StatusCode.ShouldBe(StatusCode.Unauthenticated);
    }

    [Fact]
    public async Task A_token_ends_at_its_time_and_its_streams_with_it()
    {
        await using var server = await ServerUnderTest.StartAsync();
        var token = await Tokens.CreateAsync(server, "short", "ingest,read", more: "&minutes=0.03");
        using var trainer = new Trainer(server, token);
        await trainer.OpenAsync();
        (await trainer.ReadErrorAsync()).Error.Status.Detail.ShouldContain("expired");
        (await Tokens.AskAsync(server, token, "/api/v1/runs")).Status.ShouldBe(401);
        (await Tokens.AskAsync(server, server.Token, "/api/v1/tokens")).Body.ShouldContain("\"over\":true");
    }

    [Fact]
    public async Task A_token_opens_pages_by_the_form_until_it_is_revoked()
    {
        await using var server = await ServerUnderTest.StartAsync();
        var token = await Tokens.CreateAsync(server, "person", "read");
        using var login = await server.Http.PostAsync("/login", new FormUrlEncodedContent([new("token", token)]), TestContext.Current.CancellationToken);
        var cookie = login.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        cookie.ShouldNotContain(token);
        (await PageAsync(server, cookie)).ShouldBe(200);
        await Tokens.AskAsync(server, server.Token, "/api/v1/tokens/person", HttpMethod.Delete);
        (await PageAsync(server, cookie)).ShouldBe(401);
    }

    [Fact]
    public async Task A_login_link_has_the_rights_of_who_asked_for_it()
    {
        await using var server = await ServerUnderTest.StartAsync();
        var token = await Tokens.CreateAsync(server, "person", "read", "a");
        var path = JsonDocument.Parse((await Tokens.AskAsync(server, token, "/api/v1/login-link", HttpMethod.Post)).Body).RootElement.GetProperty("path").GetString()!;
        using var login = await server.Http.GetAsync(path, TestContext.Current.CancellationToken);
        var cookie = login.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = server.Server.HttpAddress, DefaultRequestHeaders = { { "Cookie", cookie } } };
        using var tokens = await http.GetAsync("/api/v1/tokens", TestContext.Current.CancellationToken);
        ((int)tokens.StatusCode).ShouldBe(403);
    }

    [Theory]
    [InlineData("name=&scopes=read", "name")]
    [InlineData("name=a/b&scopes=read", "name")]
    [InlineData("name=a&scopes=write", "scopes")]
    [InlineData("name=a&scopes=", "scopes")]
    [InlineData("name=a&scopes=read&projects=x*", "projects")]
    [InlineData("name=a&scopes=read&minutes=0", "minutes")]
    [InlineData("name=a&scopes=read&days=1", "days")]
    public async Task A_mistake_is_named(string query, string parameter)
    {
        await using var server = await ServerUnderTest.StartAsync();
        var (status, body) = await Tokens.AskAsync(server, server.Token, "/api/v1/tokens?" + query, HttpMethod.Post);
        (status, JsonDocument.Parse(body).RootElement.GetProperty("parameter").GetString()).ShouldBe((400, parameter));
    }

    [Fact]
    public async Task A_name_is_given_once_and_nobody_makes_tokens_where_nobody_is_asked()
    {
        await using (var server = await ServerUnderTest.StartAsync())
        {
            await Tokens.CreateAsync(server, "one", "read");
            (await Tokens.AskAsync(server, server.Token, "/api/v1/tokens?name=one&scopes=read", HttpMethod.Post)).Status.ShouldBe(409);
            (await Tokens.AskAsync(server, server.Token, "/api/v1/tokens/two", HttpMethod.Delete)).Status.ShouldBe(404);
        }

        await using var open = await ServerUnderTest.StartAsync(o => o with { NoAuth = true });
        (await Tokens.AskAsync(open, null, "/api/v1/tokens?name=one&scopes=admin", HttpMethod.Post)).Status.ShouldBe(409);
    }

    [Fact]
    public async Task A_damaged_token_file_stops_the_start()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "tokens.db"), new string('x', 4096), TestContext.Current.CancellationToken);
        var error = await Should.ThrowAsync<InvalidOperationException>(() => Server.Hosting.MonitorServer.StartAsync(
            new Server.Hosting.ServerOptions { DataFolder = folder.Path, GrpcPort = 0, HttpPort = 0 }, TestContext.Current.CancellationToken));
        error.Message.ShouldContain("tokens.db");
    }

    private static async Task<int> PageAsync(ServerUnderTest server, string cookie)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = server.Server.HttpAddress, DefaultRequestHeaders = { { "Cookie", cookie } } };
        using var answer = await http.GetAsync("/", TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }
}
