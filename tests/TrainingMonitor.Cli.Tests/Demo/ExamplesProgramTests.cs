using TrainingMonitor.Cli.Demo;

namespace TrainingMonitor.Cli.Tests.Demo;

public sealed class ExamplesProgramTests : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("trainmon-test-");

    [Fact]
    public void Found_where_the_variable_says()
    {
        var file = Touch("x/TrainingMonitor.Examples.dll");

        Find(Path.GetDirectoryName(file)!).ShouldBe(file);
        Find(file).ShouldBe(file);
    }

    [Fact]
    public void Found_beside_the_program()
    {
        var file = Touch("app/examples/TrainingMonitor.Examples.dll");

        Find(null).ShouldBe(file);
    }

    [Fact]
    public void Found_in_the_build_output_of_the_same_configuration()
    {
        Touch("TrainingMonitor.Examples/release/TrainingMonitor.Examples.dll");
        var file = Touch("TrainingMonitor.Examples/debug/TrainingMonitor.Examples.dll");

        ExamplesProgram.Find(_ => null, Path.Combine(root.FullName, "TrainingMonitor.Cli", "debug") + "/").Assembly.ShouldBe(file);
    }

    [Fact]
    public void Missing_says_what_to_do()
    {
        Should.Throw<CliException>(() => Find(null)).Message.ShouldContain("dotnet build src/TrainingMonitor.Examples");
        var error = Should.Throw<CliException>(() => Find(root.FullName));
        error.Message.ShouldStartWith($"TRAINMON_EXAMPLES names {root.FullName}");
        error.ExitCode.ShouldBe(ExitCodes.NotFound);
    }

    public void Dispose() => root.Delete(recursive: true);

    private string Find(string? variable) => ExamplesProgram.Find(_ => variable, Path.Combine(root.FullName, "app")).Assembly;

    private string Touch(string path)
    {
        var file = Path.Combine(root.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "");
        return file;
    }
}
