using TrainingMonitor.Cli.Tests.Support;
using TrainingMonitor.Client;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Server.Hosting;

namespace TrainingMonitor.Cli.Tests.Commands;

/// <summary>Backup and restore as a person types them, against a real server.</summary>
public sealed class BackupCommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("trainmon-backup-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_running_server_is_saved_and_brought_back_elsewhere()
    {
        var archive = At("monitor.tar");
        await using (var server = await StartAsync("data"))
        {
            using (var client = TrainingMonitorClient.Start(new ClientOptions
            {
                Server = server.GrpcAddress, RunId = "kept", Token = (await File.ReadAllTextAsync(At("data/token"), TestContext.Current.CancellationToken)).Trim(), Rank = 0, WorldSize = 1, Enabled = true,
                SpillFolder = At("spill"), ExitTimeout = TimeSpan.FromSeconds(10),
            }))
            {
                client.Log(1, new Dictionary<string, double> { ["x"] = 1 });
                client.Finish(Goodbye.Types.Reason.Finished);
            }

            var saved = await RunAsync(server, "backup", archive);
            saved.ExitCode.ShouldBe(ExitCodes.Ok, saved.Error);
            saved.Output.ShouldStartWith($"Saved {archive}: ");
            if (!OperatingSystem.IsWindows())
                File.GetUnixFileMode(archive).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var reader = (await RunAsync(server, "token", "create", "reader", "--scope", "read")).Output;
            (await RunAsync(server, "backup", At("denied.tar"), "--token", reader)).ExitCode.ShouldBe(ExitCodes.Denied);
            File.Exists(At("denied.tar")).ShouldBeFalse();
        }

        (await CliRun.OfAsync(["restore", archive, "--data", At("data")])).Error.ShouldContain("not empty");
        var restored = await CliRun.OfAsync(["restore", archive, "--data", At("again")]);
        restored.ExitCode.ShouldBe(ExitCodes.Ok, restored.Error);
        restored.Output.ShouldContain("trainmon serve --data " + At("again"));
        await using (var server = await StartAsync("again"))
            (await RunAsync(server, "runs")).Output.ShouldContain("kept");

        await File.WriteAllBytesAsync(archive, (await File.ReadAllBytesAsync(archive, TestContext.Current.CancellationToken))[..5000], TestContext.Current.CancellationToken);
        var cut = await CliRun.OfAsync(["restore", archive, "--data", At("third")]);
        (cut.ExitCode, Directory.Exists(At("third"))).ShouldBe((ExitCodes.Failure, false));
        cut.Error.ShouldContain("cannot be used");
        (await CliRun.OfAsync(["restore", At("none.tar"), "--data", At("third")])).ExitCode.ShouldBe(ExitCodes.NotFound);
    }

    private string At(string name) => Path.Combine(folder.FullName, name);

    private Task<MonitorServer> StartAsync(string data) => MonitorServer.StartAsync(new ServerOptions { DataFolder = At(data), GrpcPort = 0, HttpPort = 0 }, TestContext.Current.CancellationToken);

    private static Task<CliRun> RunAsync(MonitorServer server, params string[] arguments) => CliRun.OfAsync(
        [.. arguments, "--server", server.GrpcAddress.ToString(), "--http", server.HttpAddress.ToString()], variables => variables["TRAINMON_DATA"] = server.DataPath);
}
