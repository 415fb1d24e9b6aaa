using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Protocol.V1;

namespace TrainingMonitor.Client.Tests.Stub;

/// <summary>A real gRPC server on a free port that speaks the protocol with faults on demand. Its ledgers outlive a restart.</summary>
internal sealed class StubServer : IAsyncDisposable
{
    private WebApplication? app;
    private int connections;

    public ConcurrentDictionary<string, StubLedger> Ledgers { get; } = new();

    public ConcurrentQueue<Hello> Hellos { get; } = new();

    public ConcurrentQueue<string?> Tokens { get; } = new();

    /// <summary>Plan by number of the connection, from 1.</summary>
    public Func<int, StubPlan> Plan { get; set; } = _ => new();

    public int Connections => connections;

    public Uri Address { get; private set; } = new("http://127.0.0.1:1");

    /// <summary>Refuses every other token; null: takes all.</summary>
    public string? WantedToken { get; set; }

    /// <summary>The ledger of the only client.</summary>
    public StubLedger Ledger => Ledgers.Values.ShouldHaveSingleItem();

    public static async Task<StubServer> StartAsync(Func<int, StubPlan>? plan = null)
    {
        var server = new StubServer();
        server.Plan = plan ?? server.Plan;
        await server.RunAsync(0);
        return server;
    }

    /// <summary>Goes away at once; <see cref="ReturnAsync"/> brings it back at the same address.</summary>
    public async Task LeaveAsync()
    {
        if (app is not null)
        {
            await app.StopAsync(new CancellationToken(canceled: true));
            await app.DisposeAsync();
            app = null;
        }
    }

    public Task ReturnAsync() => RunAsync(Address.Port);

    public async ValueTask DisposeAsync() => await LeaveAsync();

    public StubPlan Connected(ServerCallContext context)
    {
        var token = context.RequestHeaders.GetValue("authorization");
        Tokens.Enqueue(token);
        var plan = Plan(Interlocked.Increment(ref connections));
        return WantedToken is null || token == $"Bearer {WantedToken}"
            ? plan
            : plan with { Reject = new(new Status(StatusCode.Unauthenticated, "another token is wanted")) };
    }

    public StubLedger Opened(Hello hello)
    {
        Hellos.Enqueue(hello);
        var ledger = Ledgers.GetOrAdd(hello.ClientStartId, _ => new StubLedger());
        ledger.Opened(hello);
        return ledger;
    }

    private async Task RunAsync(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, port, l => l.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(l => l.ClearProviders());
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        app = builder.Build();
        app.UseRouting();
        app.MapGrpcService<StubIngest>();
        await app.StartAsync();
        Address = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }
}
