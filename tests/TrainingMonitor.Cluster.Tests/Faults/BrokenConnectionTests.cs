using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using TrainingMonitor.Cluster.Tests.Kit;
using TrainingMonitor.Storage.Postgres;
using TrainingMonitor.Storage.Tests.Postgres;

namespace TrainingMonitor.Cluster.Tests.Faults;

/// <summary>What ended a node when its way to PostgreSQL refused: an error that was none of a database.</summary>
public sealed class BrokenConnectionTests
{
    [Fact]
    public async Task A_connection_that_breaks_as_it_is_made_is_an_error_of_the_database()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var server = await PostgresServer.StartAsync();
        await using var proxy = new FaultProxy(server.Port);
        await using var store = await PostgresStore.OpenAsync(new PostgresOptions { ConnectionString = server.ConnectionString(port: proxy.Port) }, NullLoggerFactory.Instance, TimeProvider.System, stop);
        using (store.Open())
        {
            proxy.Open.ShouldBeGreaterThan(0);
        }

        proxy.Mode = _ => ProxyMode.Refuse;
        proxy.Reset();

        // The reset comes before, while or after the socket is handed over: each time another error of Npgsql.
        for (var i = 0; i < 500; i++)
        {
            Should.Throw<NpgsqlException>(() => store.Open().ReloadTypes());
        }
    }
}
