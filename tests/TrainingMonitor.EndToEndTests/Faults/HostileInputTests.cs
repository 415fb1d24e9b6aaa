using System.Text.Json;
using TrainingMonitor.Client;
using TrainingMonitor.EndToEndTests.Support;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.EndToEndTests.Faults;

/// <summary>Names of any Unicode and steps that jump, through the whole chain: client, server, stores, JSON, command line.</summary>
public sealed class HostileInputTests
{
    private const ulong Far = 1UL << 53;

    [Theory]
    [InlineData("наблюдение 🙂 «ß» 100%2F?#&=+")]
    [InlineData("x'; DROP TABLE run; --\"[bold]{0}[link=x]")]
    [InlineData("عصب\u200F \\..\\..\\$(id) `id`")]
    public async Task Any_name_comes_back_as_it_was_sent(string name)
    {
        var stop = TestContext.Current.CancellationToken;
        using var folders = new TemporaryFolder();
        await using var server = new ServerProcess(Path.Combine(folders.Path, "data"));
        await server.StartAsync(stop);
        using (var trainer = new SyntheticTrainer(
            new ClientOptions
            {
                Server = server.Grpc,
                RunId = name,
                RunName = name,
                Project = name,
                Description = SyntheticTrainer.Description,
                SpillFolder = Path.Combine(folders.Path, "spill"),
                ExitTimeout = TimeSpan.FromSeconds(60),
            },
            seed: 1))
        {
            trainer.Declare();
            await trainer.RunAsync(0, 20, _ => Task.CompletedTask);
            trainer.Client.Finish(Goodbye.Types.Reason.Finished);
        }

        string[] where = ["--server", server.Grpc.ToString(), "--http", server.Http.ToString()];
        using var listed = JsonDocument.Parse(await CommandLine.RunAsync(stop, ["runs", "--json", .. where]));
        var run = listed.RootElement.EnumerateArray().ShouldHaveSingleItem(server.Said);
        run.GetProperty("run_id").GetString().ShouldBe(name);
        run.GetProperty("project").GetString().ShouldBe(name);
        (await CommandLine.RunAsync(stop, ["show", name, "--once", .. where])).ShouldContain("19", customMessage: "the last step");
        var file = Path.Combine(folders.Path, "rows.csv");
        await CommandLine.RunAsync(stop, ["export", name, "--out", file, .. where]);
        (await File.ReadAllLinesAsync(file, stop)).Length.ShouldBe(21);
        using var detail = JsonDocument.Parse(await server.GetAsync($"/api/v1/runs/{Uri.EscapeDataString(name)}", stop));
        detail.RootElement.GetProperty("summary").GetProperty("name").GetString().ShouldBe(name);
    }

    [Fact]
    public async Task Steps_that_jump_to_the_end_of_the_numbers_and_back_are_taken_and_stop_nobody()
    {
        var stop = TestContext.Current.CancellationToken;
        using var folders = new TemporaryFolder();
        await using var server = new ServerProcess(Path.Combine(folders.Path, "data"));
        await server.StartAsync(stop);
        using (var client = TrainingMonitorClient.Start(new ClientOptions
        {
            Server = server.Grpc,
            RunId = "jumps",
            SpillFolder = Path.Combine(folders.Path, "spill"),
            ExitTimeout = TimeSpan.FromSeconds(60),
        }))
        {
            foreach (var step in new ulong[] { 0, 1, Far - 1, Far, 2, 3, Far })
            {
                client.Report(new StepReport { Step = step, Values = new StepValues { Loss = 1 } });
            }

            client.Finish(Goodbye.Types.Reason.Finished);
        }

        using var run = JsonDocument.Parse(await server.GetAsync("/api/v1/runs/jumps", stop));
        run.RootElement.GetProperty("summary").GetProperty("state").GetString().ShouldBe("RUN_STATE_FINISHED", server.Said);
        run.RootElement.GetProperty("summary").GetProperty("step").GetString().ShouldBe($"{Far}");

        // The store takes what is durable a moment later.
        var segments = 0;
        for (var attempt = 0; segments < 2 && attempt < 300; attempt++)
        {
            using var series = JsonDocument.Parse(await server.GetAsync("/api/v1/runs/jumps/series?names=loss", stop));
            segments = series.RootElement.GetProperty("series").GetArrayLength();
            await Task.Delay(segments < 2 ? 100 : 0, stop);
        }

        segments.ShouldBe(2, "one a segment: the run went back once");
    }
}
