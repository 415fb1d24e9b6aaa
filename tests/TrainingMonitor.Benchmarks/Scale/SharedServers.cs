using TrainingMonitor.Storage.Tests.Influx;
using TrainingMonitor.Storage.Tests.Postgres;

namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>The PostgreSQL (fsync on) and the InfluxDB that all nodes use, on this machine.</summary>
internal sealed class SharedServers(PostgresServer postgres, InfluxServer influx) : IAsyncDisposable
{
    public Uri Influx => influx.Url;

    public static async Task<SharedServers> StartAsync() => new(await PostgresServer.StartAsync(durable: true), await InfluxServer.StartAsync());

    /// <summary>A database for one cluster.</summary>
    public Task<string> NewDatabaseAsync() => postgres.NewDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        await influx.DisposeAsync();
        await postgres.DisposeAsync();
    }
}
