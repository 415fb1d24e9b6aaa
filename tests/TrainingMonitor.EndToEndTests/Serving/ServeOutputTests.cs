using TrainingMonitor.EndToEndTests.Support;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.EndToEndTests.Serving;

/// <summary>What <c>trainmon serve</c> writes where nobody sits in front of it, and what it leaves in the user's home.</summary>
public sealed class ServeOutputTests
{
    [Fact]
    public async Task A_service_prints_no_login_link_and_tells_its_options_at_the_level_asked_for()
    {
        var stop = TestContext.Current.CancellationToken;
        using var home = new TemporaryFolder();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = home.Path };
        var (port, pages) = (Ports.Free(), Ports.Free());
        using var server = CommandLine.Start(
            environment, "serve", "--data", Path.Combine(home.Path, "data"), "--grpc-port", $"{port}", "--http-port", $"{pages}", "--log-level", "information");
        var log = server.StandardError.ReadToEndAsync(stop);
        var first = await server.StandardOutput.ReadLineAsync(stop);
        using (System.Diagnostics.Process.Start("kill", ["-TERM", $"{server.Id}"]))
        {
            await server.WaitForExitAsync(stop);
        }

        first.ShouldBe($"Open        http://127.0.0.1:{pages}/");
        (await server.StandardOutput.ReadToEndAsync(stop)).ShouldNotContain("login");
        var said = await log;
        said.ShouldContain("Options:");
        said.ShouldContain($"{port}  (given)");
        said.ShouldNotContain("DataProtection");
        Directory.EnumerateFileSystemEntries(home.Path).Select(Path.GetFileName).ShouldBe(["data"]);
    }
}
