using System.Globalization;
using System.Text.Json;
using TrainingMonitor.Client;
using TrainingMonitor.EndToEndTests.Support;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.EndToEndTests.Faults;

/// <summary>kill -9 of the server under its trainer, at moments of chance: afterwards the stored series, the alerts and every estimate are those of a fresh
/// server that is fed the recorded accepted stream, and every report the trainer sent is there once.</summary>
public sealed class KillTests
{
    public static TheoryData<int> All { get; } = Seeds.From(2);

    [Theory]
    [MemberData(nameof(All))]
    public async Task Series_and_estimates_survive_kills_of_the_server(int seed)
    {
        var stop = TestContext.Current.CancellationToken;
        using var folders = new TemporaryFolder();
        var chance = new Random(seed);
        await using var server = new ServerProcess(Path.Combine(folders.Path, "killed"));
        server.Settings["TRAINMON_SNAPSHOT_INPUTS"] = "10"; // so that recovery starts from snapshots, too
        await server.StartAsync(stop);
        var runId = $"killed-{seed}";
        var troubles = new List<string>();
        var snapshots = 0.0;
        using (var trainer = new SyntheticTrainer(
            new ClientOptions
            {
                Server = server.Grpc,
                RunId = runId,
                Project = "faults",
                Description = SyntheticTrainer.Description,
                SpillFolder = Path.Combine(folders.Path, "spill"),
                ExitTimeout = TimeSpan.FromSeconds(60),
                Say = troubles.Add,
            },
            seed))
        {
            trainer.Declare();
            var kills = Enumerable.Range(0, 5).Select(_ => chance.Next(50, 1900)).Order().ToList();
            async Task PauseAsync(int step)
            {
                await Task.Delay(step % 2 == 0 ? 5 : 0, stop);
                if (kills.Count > 0 && trainer.Sent >= kills[0])
                {
                    kills.RemoveAt(0);
                    await Task.Delay(chance.Next(0, 30), stop);
                    snapshots += await SnapshotsAsync(server, stop);
                    if (kills.Count == 2)
                    {
                        await server.StopAsync(stop); // one clean restart among the kills
                    }
                    else
                    {
                        await server.KillAsync();
                    }

                    await Task.Delay(chance.Next(0, 200), stop);
                    await server.StartAsync(stop);
                }
            }

            await trainer.RunAsync(0, 1300, PauseAsync);
            await trainer.RunAsync(1000, 1700, PauseAsync); // a rewind inside the attempt
            trainer.Client.Finish(Goodbye.Types.Reason.Finished);
            trainer.Client.StepsThinned.ShouldBe(0);
        }

        var killed = await EndedAsync(server, runId, stop);
        snapshots.ShouldBeGreaterThan(0, "recovery must have met snapshots");
        var recording = Path.Combine(folders.Path, "run.trainmon");
        await CommandLine.RunAsync(stop, ["record", runId, "--out", recording, .. Where(server)]);

        await using var fresh = new ServerProcess(Path.Combine(folders.Path, "fresh"));
        await fresh.StartAsync(stop);
        await CommandLine.RunAsync(stop, ["replay", recording, .. Where(fresh)]);
        var replayed = await EndedAsync(fresh, runId, stop);

        Estimates(killed).ShouldBe(Estimates(replayed));
        foreach (var layers in new[] { "false", "true" })
        {
            var path = $"/api/v1/runs/{runId}/export?format=csv&layers={layers}";
            var (stored, again) = (await server.GetAsync(path, stop), await fresh.GetAsync(path, stop));
            stored.ShouldBe(again, $"layers={layers}; server said: {server.Said}; trainer said: {string.Join(" | ", troubles)}");
            if (layers == "false")
            {
                stored.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(1 + 1300 + 700, "every report once, under a header line");
            }
        }

        var alerts = $"/api/v1/runs/{runId}/alerts";
        (await server.GetAsync(alerts, stop)).ShouldBe(await fresh.GetAsync(alerts, stop));
    }

    private static string[] Where(ServerProcess server) => ["--server", server.Grpc.ToString(), "--http", server.Http.ToString()];

    private static async Task<double> SnapshotsAsync(ServerProcess server, CancellationToken stop)
    {
        var line = (await server.GetAsync("/metrics", stop)).Split('\n').Single(l => l.Contains("snapshots_total", StringComparison.Ordinal) && !l.StartsWith('#'));
        return double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture);
    }

    private static SortedDictionary<string, string> Estimates(JsonDocument run)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var estimate in run.RootElement.GetProperty("estimates").EnumerateObject())
        {
            all[estimate.Name] = estimate.Value.GetRawText();
        }

        foreach (var series in run.RootElement.GetProperty("layerEstimates").EnumerateObject())
        {
            all["layers/" + series.Name] = series.Value.GetRawText();
        }

        all.Count.ShouldBeGreaterThan(10);
        return all;
    }

    private static async Task<JsonDocument> EndedAsync(ServerProcess server, string runId, CancellationToken stop)
    {
        for (var attempt = 0; ; attempt++)
        {
            var run = JsonDocument.Parse(await server.GetAsync($"/api/v1/runs/{runId}", stop));
            var state = run.RootElement.GetProperty("summary").GetProperty("state").GetString();
            if (state == "RUN_STATE_FINISHED")
            {
                // The row and the last points are written in the background: ask the store until both are there.
                var rows = (await server.GetAsync($"/api/v1/runs/{runId}/export?format=csv", stop)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
                if (rows == 1 + 1300 + 700)
                {
                    return run;
                }
            }

            attempt.ShouldBeLessThan(300, $"state {state}; server said: {server.Said}");
            await Task.Delay(100, stop);
        }
    }
}
