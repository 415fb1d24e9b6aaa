using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Server.Hosting;
using TrainingMonitor.Server.Hosting.Clustered;
using TrainingMonitor.Server.Tests.Support;
using TrainingMonitor.Storage.Tests.Postgres;

namespace TrainingMonitor.Server.Tests.Hosting;

/// <summary>A node of a cluster whose database goes away while it starts.</summary>
public sealed class ClusteredStartTests
{
    [Fact]
    public async Task Before_its_stores_are_open_the_node_ends_with_a_sentence()
    {
        await using var postgres = await PostgresServer.StartAsync();
        using var folder = new TemporaryFolder();
        var error = await Should.ThrowAsync<IOException>(() => MonitorServer.StartAsync(
            ServerOptionsReport.From(Options(folder, postgres)),
            null,
            TimeProvider.System,
            async (context, cancellationToken) =>
            {
                await postgres.KillAsync();
                return await ClusteredNode.StartAsync(context, cancellationToken);
            },
            TestContext.Current.CancellationToken));
        error.Message.ShouldStartWith("PostgreSQL does not answer: ");
        using var free = DataFolder.Open(folder.Path);
    }

    [Fact]
    public async Task Afterwards_it_waits_for_the_database_and_says_why()
    {
        await using var postgres = await PostgresServer.StartAsync();
        using var folder = new TemporaryFolder();

        // A node asks the series store after PostgreSQL and before it joins.
        var gone = new TaskCompletionSource();
        var web = WebApplication.CreateSlimBuilder();
        web.Logging.ClearProviders();
        await using var influx = web.Build();
        influx.Urls.Add("http://127.0.0.1:0");
        influx.MapFallback(async (HttpResponse response) =>
        {
            if (!gone.Task.IsCompleted)
            {
                await postgres.KillAsync();
                gone.SetResult();
            }

            await response.WriteAsync("""{"results":[{"statement_id":0}]}""");
        });
        await influx.StartAsync(TestContext.Current.CancellationToken);
        var options = Options(folder, postgres) with { InfluxUrl = influx.Urls.Single() };
        await using var log = new ServerUnderTest();
        var starting = MonitorServer.StartAsync(ServerOptionsReport.From(options), logging => logging.ClearProviders().AddProvider(log), TimeProvider.System, TestContext.Current.CancellationToken);
        await gone.Task.WaitAsync(TestContext.Current.CancellationToken);
        await Eventually.Async(() => Task.FromResult(log.Log.Any(line => line.Contains("is asked again: PostgreSQL does not answer: ", StringComparison.Ordinal))));
        starting.IsCompleted.ShouldBeFalse();
        await postgres.RunAsync();
        await using var server = await starting;
        server.Failure.ShouldBe("");
    }

    private static ServerOptions Options(TemporaryFolder folder, PostgresServer postgres)
    {
        var port = Ports.Free();
        return new ServerOptions
        {
            DataFolder = folder.Path,
            GrpcPort = 0,
            HttpPort = 0,
            NoAuth = true,
            Cluster = true,
            ClusterHost = "127.0.0.1",
            ClusterPort = port,
            ClusterSeeds = $"127.0.0.1:{port}",
            ClusterFormationSeconds = 1,
            Postgres = postgres.ConnectionString(),
            InfluxUrl = "http://127.0.0.1:1",
        };
    }
}
