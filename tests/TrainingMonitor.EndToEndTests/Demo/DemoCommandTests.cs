using System.Diagnostics;
using System.Text.Json;
using TrainingMonitor.EndToEndTests.Support;
using TrainingMonitor.Server.Tests.Support;

namespace TrainingMonitor.EndToEndTests.Demo;

/// <summary>The command <c>trainmon demo</c> around its jobs.</summary>
public sealed class DemoCommandTests
{
    [Fact]
    public async Task Two_demos_run_side_by_side()
    {
        var stop = TestContext.Current.CancellationToken;
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => CommandLine.RunAsync(stop, "demo", "--job", "diverging", "--steps", "30", "--headless", "--json")));
        foreach (var text in both)
        {
            using var summary = JsonDocument.Parse(text);
            summary.RootElement.GetProperty("steps").GetInt64().ShouldBe(30);
        }
    }

    // SIGTERM, which the command takes as it takes Ctrl-C: where tests run in the background, SIGINT is ignored.
    [Fact]
    public async Task A_signal_ends_job_and_server_and_leaves_nothing_behind()
    {
        var stop = TestContext.Current.CancellationToken;
        using var temporary = new TemporaryFolder();
        using var demo = CommandLine.Start(new Dictionary<string, string> { ["TMPDIR"] = temporary.Path }, "demo", "--job", "grokking", "--headless", "--json");
        var errors = demo.StandardError;
        while ((await errors.ReadLineAsync(stop)).ShouldNotBeNull("it must come to training") is var line && !line.StartsWith("step ", StringComparison.Ordinal))
        {
        }

        Directory.EnumerateDirectories(temporary.Path, "trainmon-demo-*").ShouldNotBeEmpty();
        using (Process.Start("kill", ["-TERM", $"{demo.Id}"]))
        {
            await demo.WaitForExitAsync(stop);
        }

        demo.ExitCode.ShouldBe(130, await errors.ReadToEndAsync(stop));
        (await demo.StandardOutput.ReadToEndAsync(stop)).ShouldBeEmpty("the summary is of whole runs");
        Directory.EnumerateDirectories(temporary.Path, "trainmon-demo-*").ShouldBeEmpty();
    }
}
