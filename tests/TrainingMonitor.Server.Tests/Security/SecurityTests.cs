using System.Net;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.Server.Tests.Security;

public sealed class SecurityTests
{
    [Theory]
    [InlineData("")]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer ")]
    [InlineData("Basic dXNlcjpwYXNz")]
    public async Task Json_asks_for_the_token(string header)
    {
        await using var server = await ServerUnderTest.StartAsync();
        using var response = await SendAsync(server, "/api/v1/runs", ("Authorization", header));
        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        response.Headers.WwwAuthenticate.Single().Scheme.ShouldBe("Bearer");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("wrong")]
    public async Task Grpc_asks_for_the_token(string? token)
    {
        await using var server = await ServerUnderTest.StartAsync();
        var queries = new Protocol.V1.Queries.QueriesClient(server.Channel);
        var headers = token is null ? new Metadata() : new Metadata { { "authorization", "Bearer " + token } };
        (await Should.ThrowAsync<RpcException>(async () => await queries.ListRunsAsync(new ListRunsRequest(), headers))).StatusCode.ShouldBe(StatusCode.Unauthenticated);
        using var watch = queries.WatchAlerts(new WatchAlertsRequest(), headers);
        (await Should.ThrowAsync<RpcException>(() => watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken))).StatusCode.ShouldBe(StatusCode.Unauthenticated);
        using var trainer = new Trainer(server, token ?? "");
        (await trainer.ReadErrorAsync()).Error.StatusCode.ShouldBe(StatusCode.Unauthenticated);
    }

    [Fact]
    public async Task Without_auth_nothing_is_asked()
    {
        await using var server = await ServerUnderTest.StartAsync(o => o with { NoAuth = true });
        (await SendAsync(server, "/api/v1/runs")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SendAsync(server, "/")).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var trainer = new Trainer(server, "whatever");
        await trainer.OpenAsync();
        server.Log.ShouldContain(l => l.Contains("No token is asked for", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("evil.example", HttpStatusCode.BadRequest)]
    [InlineData("127.0.0.1.evil.example", HttpStatusCode.BadRequest)]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("[::1]", HttpStatusCode.OK)]
    [InlineData("box.lab", HttpStatusCode.OK)]
    public async Task Foreign_host_names_are_refused(string host, HttpStatusCode expected)
    {
        await using var server = await ServerUnderTest.StartAsync(o => o with { AllowedHosts = "box.lab" });
        using var response = await SendAsync(server, "/api/v1/runs", ("Host", host), ("Authorization", "Bearer " + server.Token));
        response.StatusCode.ShouldBe(expected);
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("null")]
    [InlineData("http://127.0.0.1:1")]
    public async Task Foreign_origins_are_refused(string origin)
    {
        await using var server = await ServerUnderTest.StartAsync();
        using var response = await SendAsync(server, "/api/v1/runs", ("Origin", origin), ("Authorization", "Bearer " + server.Token));
        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var own = await SendAsync(server, "/api/v1/runs", ("Origin", server.Server.HttpAddress.GetLeftPart(UriPartial.Authority)), ("Authorization", "Bearer " + server.Token));
        own.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_login_link_works_once_and_its_cookie_opens_pages_and_json()
    {
        await using var server = await ServerUnderTest.StartAsync();
        (await SendAsync(server, "/")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var link = server.Server.CreateLoginLink();
        link.ToString().ShouldNotContain(server.Token);
        using var login = await SendAsync(server, link.PathAndQuery);
        login.StatusCode.ShouldBe(HttpStatusCode.OK);
        var cookie = login.Headers.GetValues("Set-Cookie").Single();
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=strict");
        cookie.ShouldNotContain(server.Token);
        var pair = cookie.Split(';')[0];
        (await SendAsync(server, "/", ("Cookie", pair))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SendAsync(server, "/api/v1/runs", ("Cookie", pair))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SendAsync(server, "/api/v1/runs", ("Cookie", "trainmon=guess"))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        using var again = await SendAsync(server, link.PathAndQuery);
        again.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        again.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Fact]
    public async Task The_token_itself_logs_in_by_the_form()
    {
        await using var server = await ServerUnderTest.StartAsync();
        using var right = await server.Http.PostAsync("/login", new FormUrlEncodedContent([new("token", server.Token)]), TestContext.Current.CancellationToken);
        right.Headers.Contains("Set-Cookie").ShouldBeTrue();
        using var wrong = await server.Http.PostAsync("/login", new FormUrlEncodedContent([new("token", "guess")]), TestContext.Current.CancellationToken);
        wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        wrong.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Fact]
    public async Task Pages_may_run_own_scripts_only()
    {
        await using var server = await ServerUnderTest.StartAsync(o => o with { NoAuth = true });
        using var response = await SendAsync(server, "/");
        var policy = string.Join(';', response.Headers.GetValues("Content-Security-Policy"));
        policy.ShouldContain("script-src 'self'");
        policy.ShouldNotContain("unsafe-eval");
        response.Headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff");
    }

    [Fact]
    public async Task The_grpc_port_serves_no_pages()
    {
        await using var server = await ServerUnderTest.StartAsync(o => o with { NoAuth = true });
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Server.GrpcAddress, "/api/v1/runs")) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        (await http.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Scripts_and_styles_are_in_the_assembly_and_cached_by_content()
    {
        await using var server = await ServerUnderTest.StartAsync();
        foreach (var address in new[] { "/_framework/blazor.web.js", "/assets/echarts.js", "/assets/charts.js", "/assets/app.css", "/assets/icon.svg" })
        {
            using var response = await SendAsync(server, address);
            response.StatusCode.ShouldBe(HttpStatusCode.OK, address);
            using var again = await SendAsync(server, address, ("If-None-Match", response.Headers.ETag!.ToString()));
            again.StatusCode.ShouldBe(HttpStatusCode.NotModified, address);
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(ServerUnderTest server, string address, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = server.Server.HttpAddress };
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        foreach (var (name, value) in headers.Where(h => h.Value.Length > 0))
            request.Headers.TryAddWithoutValidation(name, value);
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
