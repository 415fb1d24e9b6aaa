using System.Globalization;
using System.Text.Json;
using TrainingMonitor.EndToEndTests.Support;
using TrainingMonitor.Storage.Tests;
using TrainingMonitor.Storage.Tests.Influx;

namespace TrainingMonitor.Grafana.Tests.Support;

/// <summary>A real influxd filled as users fill theirs: recordings of real training runs, replayed to <c>trainmon serve --influx-url</c>, whose sink writes everything.</summary>
public sealed class RecordedData : IAsyncLifetime
{
    public const string Database = "trainmon";
    private readonly Dictionary<string, (long From, long To)> ranges = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim filling = new(1, 1);
    private InfluxServer? influx;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>The filled server; skips the test where there is none.</summary>
    public async Task<InfluxServer> GetAsync(CancellationToken stop)
    {
        await filling.WaitAsync(stop);
        try
        {
            if (influx is null)
            {
                var server = await InfluxServer.StartAsync();
                await FillAsync(server, stop);
                influx = server;
            }

            return influx;
        }
        finally
        {
            filling.Release();
        }
    }

    /// <summary>First and last stamp of a measurement: recordings keep the trainer's clock, the monitor's own numbers have the server's.</summary>
    public (long From, long To) RangeOf(string measurement) => ranges[measurement is "monitor" ? measurement : "run"];

    public async ValueTask DisposeAsync()
    {
        if (influx is not null)
        {
            await influx.DisposeAsync();
        }

        filling.Dispose();
    }

    private async Task FillAsync(InfluxServer target, CancellationToken stop)
    {
        using var folder = new TemporaryFolder();
        await using (var server = new ServerProcess(folder.File("data")))
        {
            server.Settings["TRAINMON_INFLUX_HEALTH_SECONDS"] = "0.2";
            server.Arguments.AddRange(["--influx-url", target.Url.ToString(), "--influx-database", Database]);
            await server.StartAsync(stop);
            foreach (var recording in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Data"), "*.tmrec").Order(StringComparer.Ordinal))
            {
                await CommandLine.RunAsync(stop, "replay", recording, "--run-id", Path.GetFileNameWithoutExtension(recording), "--server", server.Grpc.ToString());
            }

            // A clean stop writes what the server holds; the next start sends what the spool still has.
            await server.StopAsync(stop);
            await server.StartAsync(stop);
            for (var attempt = 0; Waiting(await server.GetAsync("/metrics", stop)); attempt++)
            {
                attempt.ShouldBeLessThan(600, server.Said);
                await Task.Delay(100, stop);
            }

            await server.StopAsync(stop);
        }

        await EveryField.WriteAsync(target.Url, await StampAsync(target, "run", "step", "ASC"), stop);
        foreach (var (measurement, field) in new[] { ("run", "step"), ("monitor", "runs") })
        {
            ranges[measurement] = (await StampAsync(target, measurement, field, "ASC"), await StampAsync(target, measurement, field, "DESC"));
        }
    }

    private static async Task<long> StampAsync(InfluxServer server, string measurement, string field, string order)
    {
        List<JsonElement> rows = await server.RowsAsync(Database, $"SELECT \"{field}\" FROM \"{measurement}\" ORDER BY time {order} LIMIT 1");
        return rows.ShouldHaveSingleItem()[0].GetInt64();
    }

    private static bool Waiting(string metrics) => metrics.Split('\n')
        .Where(line => line.StartsWith("trainmon_influx_spool_batches ", StringComparison.Ordinal))
        .Any(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture) > 0);
}
