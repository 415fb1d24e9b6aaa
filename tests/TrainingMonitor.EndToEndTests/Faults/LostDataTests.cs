using System.Text.Json;
using TrainingMonitor.Client;
using TrainingMonitor.EndToEndTests.Support;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.EndToEndTests.Faults;

/// <summary>The server's data folder is wiped under a living trainer: what the trainer still has arrives, with its layers, and a replay of the recording gives the same.</summary>
public sealed class LostDataTests
{
    [Fact]
    public async Task A_trainer_goes_on_at_a_server_that_lost_its_data()
    {
        var stop = TestContext.Current.CancellationToken;
        using var folders = new TemporaryFolder();
        await using var server = new ServerProcess(Path.Combine(folders.Path, "data"));
        await server.StartAsync(stop);
        var troubles = new List<string>();
        using (var trainer = new SyntheticTrainer(
            new ClientOptions
            {
                Server = server.Grpc,
                RunId = "lost",
                Project = "faults",
                Description = SyntheticTrainer.Description,
                SpillFolder = Path.Combine(folders.Path, "spill"),
                ExitTimeout = TimeSpan.FromSeconds(60),
                Say = troubles.Add,
            },
            seed: 3))
        {
            trainer.Declare();
            await trainer.RunAsync(0, 200, _ => Task.Delay(1, stop));
            await RowsAsync(server, 200, stop);
            await server.KillAsync();
            Directory.Delete(server.Folder, recursive: true);
            await server.StartAsync(stop);
            await trainer.RunAsync(200, 500, _ => Task.Delay(1, stop));
            trainer.Client.Finish(Goodbye.Types.Reason.Finished);
            trainer.Client.IsOn.ShouldBeFalse();
            trainer.Client.StepsThinned.ShouldBe(0);
        }

        troubles.ShouldNotContain(t => t.Contains("refuse", StringComparison.Ordinal), string.Join(" | ", troubles));
        var after = await EndedAsync(server, stop);
        await StoredAsync(server, 499, stop);
        var rows = (await server.GetAsync(Export("false"), stop)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length - 1;
        rows.ShouldBeInRange(300, 500, "all steps that the first server had not made durable");

        var recording = Path.Combine(folders.Path, "run.trainmon");
        await CommandLine.RunAsync(stop, ["record", "lost", "--out", recording, .. Where(server)]);
        await using var fresh = new ServerProcess(Path.Combine(folders.Path, "fresh"));
        await fresh.StartAsync(stop);
        await CommandLine.RunAsync(stop, ["replay", recording, .. Where(fresh)]);
        var again = await EndedAsync(fresh, stop);
        again.ShouldBe(after);
        await StoredAsync(fresh, 499, stop);
        var layers = await server.GetAsync(Export("true"), stop);
        layers.ShouldContain("layer 5");
        (await fresh.GetAsync(Export("true"), stop)).ShouldBe(layers);
        (await fresh.GetAsync("/api/v1/runs/lost/alerts", stop)).ShouldBe(await server.GetAsync("/api/v1/runs/lost/alerts", stop));
    }

    private static string Export(string layers) => $"/api/v1/runs/lost/export?format=csv&layers={layers}";

    private static string[] Where(ServerProcess server) => ["--server", server.Grpc.ToString(), "--http", server.Http.ToString()];

    // The window of the last step is closed and stored when the run ends.
    private static async Task StoredAsync(ServerProcess server, int lastStep, CancellationToken stop)
    {
        for (var attempt = 0; !(await server.GetAsync(Export("true"), stop)).Contains($",{lastStep},1,", StringComparison.Ordinal); attempt++)
        {
            attempt.ShouldBeLessThan(300, server.Said);
            await Task.Delay(100, stop);
        }
    }

    private static async Task RowsAsync(ServerProcess server, int wanted, CancellationToken stop)
    {
        for (var attempt = 0; ; attempt++)
        {
            var rows = 0;
            try
            {
                rows = (await server.GetAsync(Export("false"), stop)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length - 1;
            }
            catch (ShouldAssertException) when (attempt < 300)
            {
                // The store does not know the run before its first rows.
            }

            if (rows >= wanted)
            {
                return;
            }

            attempt.ShouldBeLessThan(300, $"{rows} rows of {wanted}; server said: {server.Said}");
            await Task.Delay(100, stop);
        }
    }

    private static async Task<string> EndedAsync(ServerProcess server, CancellationToken stop)
    {
        for (var attempt = 0; ; attempt++)
        {
            var run = JsonDocument.Parse(await server.GetAsync("/api/v1/runs/lost", stop)).RootElement;
            if (run.GetProperty("summary").GetProperty("state").GetString() == "RUN_STATE_FINISHED")
            {
                return run.GetProperty("estimates").GetRawText() + run.GetProperty("layerEstimates").GetRawText();
            }

            attempt.ShouldBeLessThan(300, $"server said: {server.Said}");
            await Task.Delay(100, stop);
        }
    }
}
