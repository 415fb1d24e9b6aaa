using System.Net;
using Microsoft.AspNetCore.Routing;
using TrainingMonitor.Server.Security;
using TrainingMonitor.Server.Tests.Support;
using StatusCode = Grpc.Core.StatusCode;

namespace TrainingMonitor.Server.Tests.Security;

/// <summary>Every endpoint there is, now and later: each demands something, or is on the short list here.</summary>
public sealed class EndpointTests
{
    private static readonly string[] OpenRoutes =
    [
        "/health/live", "/health/ready", "/metrics", "/login", "/_framework/blazor.web.js", "/assets/echarts.js", "/assets/charts.js", "/assets/app.css", "/assets/icon.svg",
    ];

    [Fact]
    public async Task Each_endpoint_demands_something_or_is_known_to_be_open()
    {
        await using var server = await ServerUnderTest.StartAsync();
        var endpoints = server.Server.Endpoints.OfType<RouteEndpoint>().ToList();
        endpoints.Count.ShouldBeGreaterThan(30);
        var open = endpoints.Where(e => e.Metadata.GetMetadata<OpenToAll>() is not null).Select(Route).Distinct().ToList();
        open.ShouldBe(OpenRoutes, ignoreOrder: true);
        endpoints.Where(e => e.Metadata.GetMetadata<OpenToAll>() is null && e.Metadata.GetMetadata<Demand>() is null).Select(Route).ShouldBeEmpty();
    }

    [Fact]
    public async Task Each_endpoint_that_demands_something_refuses_nobody_the_revoked_and_the_wrong_scope()
    {
        await using var server = await ServerUnderTest.StartAsync();
        var revoked = await Tokens.CreateAsync(server, "revoked", "ingest,read,admin");
        (await Tokens.AskAsync(server, server.Token, "/api/v1/tokens/revoked", HttpMethod.Delete)).Status.ShouldBe(200);
        var (reader, trainer) = (await Tokens.CreateAsync(server, "reader", "read"), await Tokens.CreateAsync(server, "trainer", "ingest"));
        var asked = 0;
        foreach (var endpoint in server.Server.Endpoints.OfType<RouteEndpoint>())
        {
            // gRPC's own answers of "there is no such method" have no handler behind them.
            if (endpoint.Metadata.GetMetadata<Demand>() is not { } demand || Route(endpoint).Contains("unimplemented", StringComparison.Ordinal))
                continue;
            var path = Route(endpoint).Replace("{id}", "x", StringComparison.Ordinal).Replace("{name}", "x", StringComparison.Ordinal).Replace("{RunId}", "x", StringComparison.Ordinal);
            path = path.Contains('{', StringComparison.Ordinal) ? path[..path.IndexOf('{', StringComparison.Ordinal)] + "x" : path;
            var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"];
            foreach (var method in methods.Where(m => m != "OPTIONS"))
            {
                asked++;
                if (endpoint.Metadata.GetMetadata<Grpc.AspNetCore.Server.GrpcMethodMetadata>() is not null)
                {
                    (await GrpcAsync(server, path, null)).ShouldBe(StatusCode.Unauthenticated, path);
                    (await GrpcAsync(server, path, revoked)).ShouldBe(StatusCode.Unauthenticated, path);
                    (await GrpcAsync(server, path, demand.Scope == TokenScopes.Ingest ? reader : trainer)).ShouldBe(StatusCode.PermissionDenied, path);
                    continue;
                }

                var what = $"{method} {path}";
                (await Tokens.AskAsync(server, null, path, new HttpMethod(method))).Status.ShouldBe(401, what);
                (await Tokens.AskAsync(server, revoked, path, new HttpMethod(method))).Status.ShouldBe(401, what);
                if (demand.Scope != TokenScopes.None)
                    (await Tokens.AskAsync(server, trainer, path, new HttpMethod(method))).Status.ShouldBe(403, what);
                if (demand.Scope == TokenScopes.Admin)
                    (await Tokens.AskAsync(server, reader, path, new HttpMethod(method))).Status.ShouldBe(403, what);
            }
        }

        asked.ShouldBeGreaterThan(30);
    }

    [Fact]
    public async Task What_is_about_the_server_is_not_for_one_project()
    {
        await using var server = await ServerUnderTest.StartAsync();
        var admin = await Tokens.CreateAsync(server, "admin-of-a", "admin", "a");
        foreach (var (method, path) in ((string, string)[])[("GET", "/api/v1/tokens"), ("POST", "/api/v1/tokens?name=more&scopes=admin"), ("DELETE", "/api/v1/tokens/admin-of-a"), ("GET", "/api/v1/notifications"), ("POST", "/api/v1/notifications/test")])
        {
            var (status, body) = await Tokens.AskAsync(server, admin, path, new HttpMethod(method));
            (status, body.Contains("all projects", StringComparison.Ordinal)).ShouldBe((403, true), path);
        }
    }

    [Fact]
    public async Task The_grpc_port_is_no_way_around_the_gate_of_the_other()
    {
        await using var server = await ServerUnderTest.StartAsync();
        foreach (var endpoint in server.Server.Endpoints.OfType<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<GrpcPort>() is null))
        {
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                using var http = new HttpClient();
                using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server.Server.GrpcAddress, Route(endpoint).Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal) + "?name=x&scopes=admin"))
                {
                    Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent([]) { Headers = { ContentType = new("application/grpc") } },
                };
                using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
                answer.StatusCode.ShouldBe(HttpStatusCode.NotFound, $"{method} {Route(endpoint)}");
            }
        }

        (await Tokens.AskAsync(server, server.Token, "/api/v1/tokens")).Body.ShouldBe("""{"tokens":[]}""");
    }

    private static string Route(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.TrimStart('/');

    private static async Task<StatusCode> GrpcAsync(ServerUnderTest server, string path, string? token)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Server.GrpcAddress, path))
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            // An empty message: one that every method can read.
            Content = new ByteArrayContent([0, 0, 0, 0, 0]) { Headers = { ContentType = new("application/grpc") } },
        };
        request.Headers.TE.Add(new("trailers"));
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var status = answer.TrailingHeaders.TryGetValues("grpc-status", out var values) || answer.Headers.TryGetValues("grpc-status", out values) ? values.Single() : "none";
        return Enum.Parse<StatusCode>(status);
    }
}
