using TrainingMonitor.Cli.Tests.Support;

namespace TrainingMonitor.Cli.Tests.Commands;

/// <summary>Mistakes and refusals of silence, ack and notify; with a real server they are among the end-to-end tests.</summary>
public sealed class NotificationCommandTests
{
    [Theory]
    [InlineData("2x")]
    [InlineData("h")]
    [InlineData("-2h")]
    [InlineData("0m")]
    [InlineData("soon")]
    public async Task A_length_that_is_none_is_said(string length)
    {
        var run = await CliRun.OfAsync(["silence", "add", "--run", "x", $"--for={length}"]);
        run.ExitCode.ShouldBe(ExitCodes.Usage);
        run.Error.ShouldContain($"--for needs a length such as 30m, 2h or 7d, not '{length}'");
    }

    [Theory]
    [InlineData("silence", "list")]
    [InlineData("ack", "run/rule")]
    [InlineData("notify", "test")]
    public async Task Without_a_server_it_says_so(string command, string argument)
    {
        var run = await CliRun.OfAsync([command, argument, "--http", "http://127.0.0.1:9"]);
        run.ExitCode.ShouldBe(ExitCodes.Unreachable);
        run.Error.ShouldContain("--http");
    }

    [Fact]
    public async Task An_answer_that_is_not_understood_is_no_crash()
    {
        await using var server = await FakeServer.StartAsync();
        var run = await server.RunAsync("silence", "list");
        run.ExitCode.ShouldBe(ExitCodes.NotFound);
    }
}
