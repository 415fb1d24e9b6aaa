using TrainingMonitor.Cli.Tests.Support;

namespace TrainingMonitor.Cli.Tests.Commands;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("There is no command or option 'frobnicate'. See trainmon --help.", "frobnicate")]
    [InlineData("There is no command or option '--frob'. See trainmon runs --help.", "runs", "--frob")]
    [InlineData("Required argument 'RUN' missing for command: 'show'. See trainmon show --help.", "show")]
    [InlineData("--speed needs a number above 0, not '0'. See trainmon replay --help.", "replay", "x", "--speed", "0")]
    [InlineData("--speed needs a number above 0, not 'fast'. See trainmon replay --help.", "replay", "x", "--speed", "fast")]
    [InlineData("--steps needs a whole number from 1, not '0'. See trainmon demo --help.", "demo", "--steps", "0")]
    [InlineData("--seed needs a whole number from 0, not 'abc'. See trainmon demo --help.", "demo", "--seed", "abc")]
    [InlineData("--seed needs a whole number from 0, not '9999999999'. See trainmon demo --help.", "demo", "--seed", "9999999999")]
    [InlineData("--http-port needs a whole number between 0 and 65535, not '65536'. See trainmon serve --help.", "serve", "--http-port", "65536")]
    [InlineData("--format needs csv or parquet, not 'xml'. See trainmon export --help.", "export", "x", "--format", "xml")]
    public async Task A_mistake_is_one_sentence_and_exit_code_2(string sentence, params string[] arguments)
    {
        var run = await CliRun.OfAsync(arguments);

        run.Error.ShouldBe(sentence);
        run.Output.ShouldBeEmpty();
        run.ExitCode.ShouldBe(ExitCodes.Usage);
    }

    [Fact]
    public async Task A_job_that_is_not_there_is_said_before_anything_starts()
    {
        var run = await CliRun.OfAsync(["demo", "--job", "nothing", "--headless"]);

        run.Error.ShouldBe("There is no job 'nothing': choose one of digits-noise, digits-clean, grokking, random-labels, edge-of-stability, diverging.");
        run.Output.ShouldBeEmpty();
        run.ExitCode.ShouldBe(ExitCodes.NotFound);
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

        foreach (var command in new[] { "serve", "demo", "runs", "show", "alerts", "export", "record", "replay", "tail", "doctor", "version" })
        {
            help.ShouldContain($"  {command} ");
            (await CliRun.OfAsync([command, "--help"])).ExitCode.ShouldBe(ExitCodes.Ok);
        }
    }
}
