using TrainingMonitor.Client;
using TrainingMonitor.EndToEndTests.Support;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.EndToEndTests.Faults;

/// <summary>A server whose files are damaged starts without them, says so, and keeps them for a person to look at.</summary>
public sealed class DamagedFilesTests
{
    [Theory]
    [InlineData("series.duckdb")]
    [InlineData("snapshots.db")]
    public async Task It_starts_without_the_file_says_so_and_keeps_it(string file)
    {
        var stop = TestContext.Current.CancellationToken;
        using var folders = new TemporaryFolder();
        await using var server = new ServerProcess(Path.Combine(folders.Path, "data"));
        await server.StartAsync(stop);
        await TrainAsync("before", server, folders, stop);
        await server.StopAsync(stop);

        var path = Path.Combine(server.Folder, file);
        var damage = new byte[64 << 10];
        new Random(7).NextBytes(damage);
        await File.WriteAllBytesAsync(path, damage, stop);
        await server.StartAsync(stop);

        var aside = Directory.GetFiles(server.Folder, file + ".corrupt-*").ShouldHaveSingleItem(server.Said);
        (await File.ReadAllBytesAsync(aside, stop)).ShouldBe(damage);
        server.Said.ShouldContain(Path.GetFileName(aside), customMessage: "the log must name the file");
        await TrainAsync("after", server, folders, stop);
        (await server.GetAsync("/api/v1/runs/after", stop)).ShouldContain("RUN_STATE_FINISHED");
    }

    private static async Task TrainAsync(string runId, ServerProcess server, TemporaryFolder folders, CancellationToken stop)
    {
        using var trainer = new SyntheticTrainer(
            new ClientOptions { Server = server.Grpc, RunId = runId, Description = SyntheticTrainer.Description, SpillFolder = Path.Combine(folders.Path, runId), ExitTimeout = TimeSpan.FromSeconds(60) },
            seed: 3);
        trainer.Declare();
        await trainer.RunAsync(0, 100, _ => Task.CompletedTask);
        trainer.Client.Finish(Goodbye.Types.Reason.Finished);
        stop.ThrowIfCancellationRequested();
    }
}
