using TrainingMonitor.Cli.Connection;

namespace TrainingMonitor.Cli.Tests.Connection;

public sealed class SafeFileTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("trainmon-test-");

    [Fact]
    public async Task An_interrupted_write_leaves_the_older_file()
    {
        var path = Path.Combine(folder.FullName, "run.csv");
        await File.WriteAllTextAsync(path, "older", TestContext.Current.CancellationToken);

        await Should.ThrowAsync<IOException>(() => SafeFile.WriteAsync(path, async target =>
        {
            await target.WriteAsync("half"u8.ToArray());
            throw new IOException("gone");
        }));

        (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).ShouldBe("older");
        folder.GetFiles().Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_missing_folder_is_named()
    {
        var error = await Should.ThrowAsync<CliException>(() => SafeFile.WriteAsync(Path.Combine(folder.FullName, "no", "x"), _ => Task.CompletedTask));

        error.ExitCode.ShouldBe(ExitCodes.NotFound);
        error.Message.ShouldContain(Path.Combine(folder.FullName, "no"));
    }

    [Fact]
    public async Task A_folder_that_takes_no_files_is_said()
    {
        // Nobody makes files there, root neither.
        var error = await Should.ThrowAsync<CliException>(() => SafeFile.WriteAsync("/proc/run.csv", _ => Task.CompletedTask));

        error.ExitCode.ShouldBe(ExitCodes.Failure);
        error.Message.ShouldStartWith("The file /proc/run.csv cannot be written (");
        error.Message.ShouldEndWith("): choose another with --out.");
    }

    [Fact]
    public void Run_ids_become_file_names() => SafeFile.Name("a b:c-1.ü").ShouldBe("a_b_c-1.ü");

    public void Dispose() => folder.Delete(recursive: true);
}
