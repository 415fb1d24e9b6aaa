using TrainingMonitor.Cli.Tests.Support;

namespace TrainingMonitor.Cli.Tests.Commands;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("There is no command or option 'frobnicate'. See trainmon --help.", "frobnicate")]
    [InlineData("There is no command or option '--frob'. See trainmon runs --help.", "runs", "--frob")]
    [InlineData("Required argument 'RUN' missing for command: 'show'. See trainmon show --help.", "show")]
    [InlineData("--speed needs a number above 0. See trainmon replay --help.", "replay", "x", "--speed", "0")]
    [InlineData("--seed needs a number from 0, --steps one from 1. See trainmon demo --help.", "demo", "--steps", "0")]
    public async Task A_mistake_is_one_sentence_and_exit_code_2(string sentence, params string[] arguments)
    {
        var run = await CliRun.OfAsync(arguments);

        run.Error.ShouldBe(sentence);
        run.Output.ShouldBeEmpty();
        run.ExitCode.ShouldBe(ExitCodes.Usage);
    }

    [Theory]
    [InlineData("runs")]
    [InlineData("show", "x")]
    [InlineData("alerts")]
    [InlineData("alerts", "--follow")]
    [InlineData("export", "x")]
    [InlineData("record", "x")]
    public async Task Without_a_server_it_says_what_to_do(params string[] arguments)
    {
        var run = await CliRun.OfAsync([.. arguments, "--server", "http://127.0.0.1:1"]);

        run.Error.ShouldBe("No server answers at http://127.0.0.1:1: start one with 'trainmon serve', or name another with --server.");
        run.Output.ShouldBeEmpty();
        run.ExitCode.ShouldBe(ExitCodes.Unreachable);
    }

    [Theory]
    [InlineData("runs")]
    [InlineData("alerts")]
    [InlineData("show", "digits-1", "--once")]
    public async Task A_wrong_token_is_said(params string[] arguments)
    {
        await using var server = await FakeServer.StartAsync();
        server.Queries.Runs.Add(Samples.Run());

        var run = await server.RunAsync([.. arguments, "--token", "wrong"]);

        run.ExitCode.ShouldBe(ExitCodes.Denied);
        run.Error.ShouldContain("asks for a token: give it with --token or TRAINMON_TOKEN");
    }

    [Fact]
    public async Task Every_command_is_documented()
    {
        var help = (await CliRun.OfAsync(["--help"])).Output;

        foreach (var command in new[] { "serve", "demo", "runs", "show", "alerts", "export", "record", "replay", "doctor", "version" })
        {
            help.ShouldContain($"  {command} ");
            (await CliRun.OfAsync([command, "--help"])).ExitCode.ShouldBe(ExitCodes.Ok);
        }
    }
}
