namespace TrainingMonitor.Storage.Tests.Influx;

/// <summary>One influxd for all tests of a class, each with a database of its own.</summary>
public sealed class InfluxServerFixture : IAsyncLifetime
{
    private InfluxServer? server;

    /// <summary>The server; skips the test where there is none.</summary>
    public async Task<InfluxServer> GetAsync() => server ??= await InfluxServer.StartAsync();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
