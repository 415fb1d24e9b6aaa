namespace TrainingMonitor.Python.Tests;

/// <summary>The PyTorch client's own tests (src/python/tests), a module a row, with the server of this build.</summary>
public sealed class PythonTests
{
    internal static readonly string Folder = Path.Combine(Root(), "src", "python");

    public static TheoryData<string> Modules { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Folder, "tests"), "test_*.py", SearchOption.AllDirectories)
            .Select(path => Path.ChangeExtension(Path.GetRelativePath(Folder, path), null).Replace(Path.DirectorySeparatorChar, '.'))
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Modules))]
    public async Task Module(string module)
    {
        PythonInterpreter.Require();
        var (code, said) = await PythonInterpreter.RunAsync(TestContext.Current.CancellationToken, "-m", "unittest", "-v", module);
        TestContext.Current.TestOutputHelper?.WriteLine(said);
        code.ShouldBe(0, said);
        said.ShouldContain("\nOK");
        if (Environment.GetEnvironmentVariable("TRAINMON_REQUIRE_ALL") == "1")
        {
            said.ShouldNotContain("skipped=", customMessage: "a test of it was skipped");
        }
    }

    [Fact]
    public void There_are_modules() => Modules.Count.ShouldBeGreaterThanOrEqualTo(6);

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Monitor.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside of the repository.");
        }

        return folder;
    }
}
