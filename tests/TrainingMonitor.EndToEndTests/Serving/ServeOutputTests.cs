using System.Diagnostics;
using TrainingMonitor.EndToEndTests.Support;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.EndToEndTests.Serving;

/// <summary>What <c>trainmon serve</c> writes where nobody sits in front of it, and what it leaves in the user's home.</summary>
public sealed class ServeOutputTests
{
    [Fact]
    public async Task A_service_prints_no_login_link_and_tells_its_options_at_the_level_asked_for()
    {
        using var home = new TemporaryFolder();
        var (port, pages) = (Ports.Free(), Ports.Free());
        var (output, log) = await ServeAsync(home, port, pages, "--log-level", "information");
        output[0].ShouldBe($"Open        http://127.0.0.1:{pages}/");
        string.Join('\n', output).ShouldNotContain("login");
        log.ShouldContain("Options:");
        log.ShouldContain($"{port}  (given)");
        log.ShouldNotContain("DataProtection");
        Directory.EnumerateFileSystemEntries(home.Path).Select(Path.GetFileName).ShouldBe(["data"]);
    }

    [Fact]
    public async Task A_server_on_every_address_prints_ones_that_others_can_use()
    {
        using var home = new TemporaryFolder();
        var (port, pages) = (Ports.Free(), Ports.Free());
        var (output, _) = await ServeAsync(home, port, pages, "--address", "0.0.0.0", "--insecure");
        output[..2].ShouldBe([$"Open        http://127.0.0.1:{pages}/", $"Trainers    http://{Environment.MachineName.ToLowerInvariant()}:{port}/"]);
        (output, _) = await ServeAsync(home, port, pages, "--address", "0.0.0.0", "--insecure", "--public-url", "http://monitor.lab:9000");
        output[..2].ShouldBe(["Open        http://monitor.lab:9000/", $"Trainers    http://monitor.lab:{port}/"]);
    }

    private static async Task<(string[] Output, string Log)> ServeAsync(TemporaryFolder home, int port, int pages, params string[] arguments)
    {
        var stop = TestContext.Current.CancellationToken;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = home.Path };
        using var server = CommandLine.Start(environment, ["serve", "--data", Path.Combine(home.Path, "data"), "--grpc-port", $"{port}", "--http-port", $"{pages}", .. arguments]);
        var log = server.StandardError.ReadToEndAsync(stop);
        var first = await server.StandardOutput.ReadLineAsync(stop);
        using (Process.Start("kill", ["-TERM", $"{server.Id}"]))
        {
            await server.WaitForExitAsync(stop);
        }

        return ([first ?? "", .. (await server.StandardOutput.ReadToEndAsync(stop)).Split('\n')], await log);
    }
}
