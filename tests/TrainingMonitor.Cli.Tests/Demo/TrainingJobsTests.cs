using TrainingMonitor.Cli.Commands;
using TrainingMonitor.Cli.Demo;
using TrainingMonitor.Cli.Tests.Support;

namespace TrainingMonitor.Cli.Tests.Demo;

/// <summary>The jobs' program, asked as the command line asks it: by starting it.</summary>
public sealed class TrainingJobsTests
{
    [Fact]
    public async Task Lists_the_jobs_that_the_demo_offers()
    {
        using var process = await RunAsync("--list");

        process.ExitCode.ShouldBe(0);
        process.LastOutput.Split('\n').Select(line => line.Split(' ')[0]).ShouldBe(DemoJobs.Names);
        var described = DemoCommand.Create(CliRun.Context(TextWriter.Null, TextWriter.Null, new Dictionary<string, string>())).Options.Single(option => option.Name == "--job").Description;
        described.ShouldNotBeNull().ShouldContain(DemoJobs.Text);
    }

    [Theory]
    [InlineData("Name a job with --job, or list them with --list.")]
    [InlineData("There is no job 'nothing'; the jobs are digits-noise", "--job", "nothing")]
    [InlineData("--seed needs a whole number of at least 0, not '-1'.", "--job", "grokking", "--seed", "-1")]
    [InlineData("--steps needs a value.", "--steps")]
    [InlineData("--server needs an address such as http://127.0.0.1:4650, not 'here'.", "--server", "here")]
    [InlineData("Unknown argument --frob.", "--frob")]
    public async Task A_mistake_is_one_sentence_and_exit_code_2(string sentence, params string[] arguments)
    {
        using var process = await RunAsync(arguments);

        process.ExitCode.ShouldBe(2);
        process.LastErrors.ShouldStartWith(sentence);
    }

    [Fact]
    public async Task The_tensor_library_loads()
    {
        using var process = await RunAsync("--check");

        process.LastErrors.ShouldBeEmpty();
        process.LastOutput.ShouldContain("works");
        process.ExitCode.ShouldBe(0);
    }

    private static async Task<TrainingProcess> RunAsync(params string[] arguments)
    {
        // Beside the tests' own output, as beside the command's.
        var program = ExamplesProgram.Find(Environment.GetEnvironmentVariable, AppContext.BaseDirectory);
        var process = TrainingProcess.Start(program.Start(arguments), new Dictionary<string, string> { ["TRAINMON_MODE"] = "disabled" });
        await process.WaitAsync(TestContext.Current.CancellationToken);
        return process;
    }
}
