namespace TrainingMonitor.Storage.Tests.Postgres;

/// <summary>One PostgreSQL for all tests of the assembly, each with a database of its own.</summary>
public sealed class PostgresServerFixture : IAsyncLifetime
{
    private readonly SemaphoreSlim starting = new(1);
    private PostgresServer? server;

    /// <summary>The server; skips the test where there is none.</summary>
    public async Task<PostgresServer> GetAsync()
    {
        await starting.WaitAsync();
        try
        {
            return server ??= await PostgresServer.StartAsync();
        }
        finally
        {
            starting.Release();
        }
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        starting.Dispose();
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }
}
