using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Notifications.Keeping;
using TrainingMonitor.Notifications.Tests.Delivery;
using TrainingMonitor.Runs.Alerts;
using TrainingMonitor.Storage.Postgres;
using TrainingMonitor.Storage.Tests.Postgres;

[assembly: AssemblyFixture(typeof(PostgresServerFixture))]

namespace TrainingMonitor.Runs.Tests.Alerts;

/// <summary>The contract of delivery, with what is kept in PostgreSQL.</summary>
public sealed class PostgresNotificationCenterTests(PostgresServerFixture fixture) : NotificationCenterContract
{
    protected override async Task<Func<ISharedNotifications>?> SharedAsync()
    {
        var server = await fixture.GetAsync();
        var options = new PostgresOptions { ConnectionString = await server.NewDatabaseAsync() };
        // Closed with the server.
        var store = await PostgresStore.OpenAsync(options, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
        return () => new PostgresNotifications(store);
    }
}
