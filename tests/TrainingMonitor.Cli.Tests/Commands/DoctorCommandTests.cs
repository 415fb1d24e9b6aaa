using System.Text.Json;
using TrainingMonitor.Cli.Tests.Support;

namespace TrainingMonitor.Cli.Tests.Commands;

public sealed class DoctorCommandTests
{
    [Fact]
    public async Task A_healthy_machine_is_exit_code_0()
    {
        await using var server = await FakeServer.StartAsync();

        var run = await server.RunAsync("doctor", "--json");

        using var json = JsonDocument.Parse(run.Output);
        Verdict(json, "server").ShouldBe("ok");
        Verdict(json, "pages").ShouldBe("ok");
        Verdict(json, "clock").ShouldBe("ok");
        Verdict(json, "server version").ShouldBe("ok");
        json.RootElement.GetProperty("healthy").GetBoolean().ShouldBeTrue();
        run.ExitCode.ShouldBe(ExitCodes.Ok);
    }

    [Fact]
    public async Task A_missing_server_is_exit_code_1_and_says_what_to_do()
    {
        var run = await CliRun.OfAsync(["doctor", "--server", "http://127.0.0.1:1"]);

        run.ExitCode.ShouldBe(ExitCodes.Failure);
        run.Output.ShouldContain("✗ server nothing answers at http://127.0.0.1:1: start one with 'trainmon serve'");
    }

    [Fact]
    public async Task A_port_held_by_another_program_is_said()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        other.Start();
        var port = ((System.Net.IPEndPoint)other.LocalEndpoint).Port;
        // Answers with something that is not HTTP/2.
        _ = Task.Run(async () =>
        {
            using var client = await other.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync("nonsense"u8.ToArray(), TestContext.Current.CancellationToken);
        }, TestContext.Current.CancellationToken);

        var run = await CliRun.OfAsync(["doctor", "--server", $"http://127.0.0.1:{port}", "--http", "http://127.0.0.1:1", "--json"]);

        using var json = JsonDocument.Parse(run.Output);
        json.RootElement.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("name").GetString() == "server")
            .GetProperty("found").GetString().ShouldBe($"another program listens on port {port}");
    }

    [Fact]
    public async Task A_folder_that_others_can_read_is_a_warning()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // No such modes there.
        }

        var folder = Directory.CreateTempSubdirectory("trainmon-test-");
        try
        {
            File.SetUnixFileMode(folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);

            var run = await CliRun.OfAsync(["doctor", "--server", "http://127.0.0.1:1", "--json"], variables => variables["TRAINMON_DATA"] = folder.FullName);

            using var json = JsonDocument.Parse(run.Output);
            Verdict(json, "permissions").ShouldBe("warning");
            Verdict(json, "data folder").ShouldBe("ok");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string? Verdict(JsonDocument json, string name) =>
        json.RootElement.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("name").GetString() == name).GetProperty("verdict").GetString();
}
