namespace TrainingMonitor.Python.Tests;

/// <summary>The PyTorch client's own tests (src/python/tests), a module a row, with the server of this build. Each interpreter is a class, since classes run beside
/// each other and the modules wait more than they compute.</summary>
internal static class PythonModules
{
    public static readonly string Folder = Path.Combine(Root(), "src", "python");

    public static TheoryData<string> All { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Folder, "tests"), "test_*.py", SearchOption.AllDirectories)
            .Select(path => Path.ChangeExtension(Path.GetRelativePath(Folder, path), null).Replace(Path.DirectorySeparatorChar, '.'))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Without those that are made outside of Debian testing's folder: stubs by protoc, and attaching into it.</summary>
    public static TheoryData<string> OfAnyPython { get; } = [.. All.Select(row => row.Data).Where(module => module is not "tests.test_stubs" and not "tests.attaching.test_other_root")];

    public static async Task RunAsync(PythonInterpreter python, string module)
    {
        python.Require();
        var (code, said) = await python.RunAsync(TestContext.Current.CancellationToken, "-m", "unittest", "-v", module);
        TestContext.Current.TestOutputHelper?.WriteLine(said);
        code.ShouldBe(0, said);
        said.ShouldContain("\nOK");
        if (Environment.GetEnvironmentVariable("TRAINMON_REQUIRE_ALL") == "1")
        {
            Skips(said).Where(reason => python == PythonInterpreter.Testing || !reason.StartsWith(NotInThisTorch, StringComparison.Ordinal)).ShouldBeEmpty("a test of it was skipped");
        }
    }

    // What an old torch has not got is tested with the new one, which may skip nothing.
    private const string NotInThisTorch = "this torch has no";

    private static IEnumerable<string> Skips(string said) => said.Split('\n').Select(line => line.IndexOf("... skipped '", StringComparison.Ordinal) is >= 0 and var at ? line[(at + 13)..] : "").Where(reason => reason.Length > 0);

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
