using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Storage.Log;
using TrainingMonitor.Storage.Postgres;
using TrainingMonitor.Storage.Shared;

[assembly: AssemblyFixture(typeof(TrainingMonitor.Storage.Tests.Postgres.PostgresServerFixture))]

namespace TrainingMonitor.Storage.Tests.Postgres;

/// <summary>What the tests of the shared stores have in common: a database, and stores as several nodes have them.</summary>
public abstract class PostgresTests(PostgresServerFixture fixture) : IAsyncLifetime
{
    private readonly List<PostgresStore> stores = [];

    protected static CancellationToken None => CancellationToken.None;

    protected string Connection { get; private set; } = "";

    protected PostgresServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await fixture.GetAsync();
        Connection = await Server.NewDatabaseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>A body that tells where it belongs.</summary>
    protected static byte[] Body(string runId, long number, int length = 100)
    {
        var body = new byte[length];
        new Random(HashCode.Combine(runId.Length, number)).NextBytes(body);
        BitConverter.TryWriteBytes(body, number);
        return body;
    }

    protected static async Task<List<FrameRecord>> ReadAsync(ISharedRuns runs, string runId, long from = 1)
    {
        var records = new List<FrameRecord>();
        await foreach (var record in runs.ReadAsync(runId, from, CancellationToken.None))
        {
            records.Add(record);
        }

        return records;
    }

    /// <summary>Waits for something that comes soon.</summary>
    protected static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            await Task.Delay(20, limit.Token);
        }
    }

    /// <summary>A node's store.</summary>
    protected async Task<PostgresStore> OpenAsync(Func<PostgresOptions, PostgresOptions>? change = null)
    {
        var options = new PostgresOptions { ConnectionString = Connection };
        var store = await PostgresStore.OpenAsync(change?.Invoke(options) ?? options, NullLoggerFactory.Instance, TimeProvider.System, None);
        stores.Add(store);
        return store;
    }
}
