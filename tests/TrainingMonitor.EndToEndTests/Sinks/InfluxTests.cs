using System.Globalization;
using System.Text.Json;
using TrainingMonitor.Client;
using TrainingMonitor.EndToEndTests.Support;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;
using TrainingMonitor.Storage.Tests.Influx;

namespace TrainingMonitor.EndToEndTests.Sinks;

/// <summary><c>trainmon serve --influx-url</c> with a real influxd under a trainer: influxd is killed and away for ten minutes by the trainer's stamps (600 steps of 1.1 s), the server is killed too, and afterwards
/// every point that the server's own store has is in InfluxDB once, with the same numbers.</summary>
public sealed class InfluxTests
{
    private const string Database = "watched";
    private const string Run = "run, \"mit\" = Ünïcode";
    private const int Steps = 1000 + 500;

    [Fact]
    public async Task Every_point_and_alert_is_in_influxdb_once_after_kills_of_both()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var influx = await InfluxServer.StartAsync();
        using var folders = new TemporaryFolder();
        await using var server = new ServerProcess(Path.Combine(folders.Path, "data"));
        server.Arguments.AddRange(["--influx-url", influx.Url.ToString(), "--influx-database", Database]);
        await server.StartAsync(stop);
        using (var trainer = new SyntheticTrainer(
            new ClientOptions
            {
                Server = server.Grpc,
                RunId = Run,
                Project = "sinks\\",
                Description = SyntheticTrainer.Description,
                SpillFolder = Path.Combine(folders.Path, "spill"),
                ExitTimeout = TimeSpan.FromSeconds(60),
            },
            seed: 3) { StampInterval = TimeSpan.FromSeconds(1.1) })
        {
            trainer.Declare();
            async Task PauseAsync(int step)
            {
                await Task.Delay(step % 2 == 0 ? 2 : 0, stop);
                switch (trainer.Sent)
                {
                    case 300:
                        await influx.KillAsync();
                        break;
                    case 600:
                        await server.KillAsync();
                        await server.StartAsync(stop);
                        break;
                    case 900:
                        await influx.RunAsync();
                        break;
                    case 1100:
                        await server.KillAsync();
                        await server.StartAsync(stop);
                        break;
                }
            }

            await trainer.RunAsync(0, 1000, PauseAsync);
            await trainer.RunAsync(800, 1300, PauseAsync); // a rewind inside the attempt
            trainer.Client.Finish(Goodbye.Types.Reason.Finished);
            trainer.Client.StepsThinned.ShouldBe(0);
        }

        await SettledAsync(server, stop);
        await CheckAsync(influx, server, stop);
    }

    /// <summary>Run-level rows and layer windows against the export, alerts against the query, number by number.</summary>
    private static async Task CheckAsync(InfluxServer influx, ServerProcess server, CancellationToken stop)
    {
        const string OfRun = "WHERE \"run\" = 'run, \"mit\" = Ünïcode' AND \"project\" = 'sinks%5C'";
        var rows = await ExportAsync(server, false, stop);
        var names = rows[0].Keys.Except(["attempt", "segment", "step", "time_ns"]).ToList();
        names.ShouldContain("loss");
        foreach (var name in names.Append("step"))
        {
            var exported = rows.Where(row => row[name].Length > 0).Select(row => (row["segment"], row["time_ns"], double.Parse(row[name], CultureInfo.InvariantCulture))).ToList();
            var expected = exported.Where(point => double.IsFinite(point.Item3)).Order().ToList();
            var stored = new List<(string, string, double)>();
            foreach (var series in await influx.QueryAsync(Database, $"SELECT \"{name}\" FROM \"run\" {OfRun} GROUP BY \"segment\""))
            {
                var segment = series.GetProperty("tags").GetProperty("segment").GetString()!;
                stored.AddRange(series.GetProperty("values").EnumerateArray().Select(value => (segment, value[0].GetRawText(), value[1].GetDouble())));
            }

            stored.Sort();
            stored.SequenceEqual(expected).ShouldBeTrue($"series {name}: {stored.Count} stored, {expected.Count} expected; first that differ: {stored.Except(expected).FirstOrDefault()} and {expected.Except(stored).FirstOrDefault()}");
            (await CountAsync(influx, $"SELECT SUM(\"{name}_nonfinite\") FROM \"run\" {OfRun}")).ShouldBe(exported.Count - expected.Count, name);
        }

        var windows = await ExportAsync(server, true, stop);
        foreach (var group in windows.GroupBy(row => row["series"]))
        {
            // Of a window of one value only the mean is written.
            (await CountAsync(influx, $"SELECT SUM(\"{group.Key}_count\") FROM \"layer\" {OfRun}")).ShouldBe(
                group.Sum(row => long.Parse(row["count"], CultureInfo.InvariantCulture) is > 1 and var count ? count : 0), group.Key);
            (await CountAsync(influx, $"SELECT COUNT(\"{group.Key}_mean\") FROM \"layer\" {OfRun}")).ShouldBe(group.Count(row => row["count"] != "0"), group.Key);
            (await CountAsync(influx, $"SELECT SUM(\"{group.Key}_nonfinite\") FROM \"layer\" {OfRun}")).ShouldBe(group.Sum(row => long.Parse(row["non_finite"], CultureInfo.InvariantCulture)), group.Key);
        }

        var alerts = JsonDocument.Parse(await server.GetAsync($"/api/v1/runs/{Uri.EscapeDataString(Run)}/alerts", stop)).RootElement.GetProperty("alerts").EnumerateArray().ToList();
        alerts.ShouldNotBeEmpty();
        var told = await influx.RowsAsync(Database, $"SELECT \"ordinal\", \"summary\", \"rule\", \"state\" FROM \"alert\" {OfRun}");
        told.Select(row => (row[1].GetInt64(), row[2].GetString(), row[3].GetString())).OrderBy(alert => alert.Item1).ShouldBe(
            alerts.Select(alert => (long.Parse(alert.GetProperty("ordinal").GetString()!, CultureInfo.InvariantCulture), alert.GetProperty("summary").GetString(), alert.GetProperty("rule").GetString()))
                .OrderBy(alert => alert.Item1));
        told.Select(row => row[4].GetString()).ShouldContain("firing");
    }

    private static async Task<long> CountAsync(InfluxServer influx, string statement) =>
        (long)(await influx.RowsAsync(Database, statement)).Sum(row => row[1].GetDouble());

    private static async Task<List<Dictionary<string, string>>> ExportAsync(ServerProcess server, bool layers, CancellationToken stop)
    {
        var csv = await server.GetAsync($"/api/v1/runs/{Uri.EscapeDataString(Run)}/export?format=csv&layers={(layers ? "true" : "false")}", stop);
        var lines = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var columns = lines[0].Split(',');
        return [.. lines.Skip(1).Select(line => columns.Zip(line.Split(',')).ToDictionary(pair => pair.First, pair => pair.Second))];
    }

    /// <summary>Waits until the server's store has all steps, stops the server cleanly, which writes everything it still holds, and starts it to be asked.</summary>
    private static async Task SettledAsync(ServerProcess server, CancellationToken stop)
    {
        for (var attempt = 0; (await ExportAsync(server, false, stop)).Count < Steps; attempt++)
        {
            attempt.ShouldBeLessThan(600, server.Said);
            await Task.Delay(100, stop);
        }

        await server.StopAsync(stop);
        await server.StartAsync(stop);
        for (var attempt = 0; Metric(await server.GetAsync("/metrics", stop), "trainmon_influx_spool_batches") > 0; attempt++)
        {
            attempt.ShouldBeLessThan(600, server.Said);
            await Task.Delay(100, stop);
        }

        Directory.GetFiles(Path.Combine(server.Folder, "influx"), "dead*").ShouldBeEmpty();
    }

    private static double Metric(string metrics, string name) =>
        metrics.Split('\n').Where(line => line.StartsWith(name + " ", StringComparison.Ordinal)).Select(line => double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture)).Single();
}
