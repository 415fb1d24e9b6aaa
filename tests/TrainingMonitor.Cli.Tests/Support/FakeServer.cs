using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TrainingMonitor.Cli.Tests.Support;

/// <summary>A server with known answers on free ports: gRPC and HTTP.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly WebApplication app;

    private FakeServer(WebApplication app, FakeQueries queries, FakeIngest ingest)
    {
        this.app = app;
        Queries = queries;
        Ingest = ingest;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        Grpc = new Uri(addresses[0]);
        Http = new Uri(addresses[1]);
    }

    public FakeQueries Queries { get; }

    public FakeIngest Ingest { get; }

    public Uri Grpc { get; }

    public Uri Http { get; }

    public static async Task<FakeServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var queries = new FakeQueries();
        var ingest = new FakeIngest();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(queries);
        builder.Services.AddSingleton(ingest);
        var built = builder.Build();
        built.MapGrpcService<FakeQueries>();
        built.MapGrpcService<FakeIngest>();
        built.MapGet("/health/ready", () => "ready");
        built.MapGet("/api/v1/version", () => Results.Json(new Dictionary<string, string> { ["version"] = "0.1.0" }));
        built.MapGet("/api/v1/runs/{id}/export", (string id, string format, bool layers) =>
            id == "refused" ? Results.Problem("The store is closed.", statusCode: 503) : Results.Text($"{id},{format},{layers}"));
        await built.StartAsync();
        return new FakeServer(built, queries, ingest);
    }

    /// <summary>Runs a command against this server.</summary>
    public Task<CliRun> RunAsync(params string[] arguments) =>
        CliRun.OfAsync([.. arguments, "--server", Grpc.ToString(), "--http", Http.ToString()], variables => variables["TRAINMON_TOKEN"] = "secret");

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
