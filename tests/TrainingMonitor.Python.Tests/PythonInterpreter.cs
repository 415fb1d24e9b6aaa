using System.Diagnostics;

namespace TrainingMonitor.Python.Tests;

/// <summary>An interpreter with the packages that the client's tests need.</summary>
internal sealed class PythonInterpreter
{
    private readonly string[] command;
    private readonly string needed;
    private readonly Lazy<string?> missing;

    private PythonInterpreter(string needed, params string[] command)
    {
        (this.needed, this.command) = (needed, command);
        missing = new(Probe);
    }

    /// <summary>Debian's own python3 (3.11 with torch 1.13), or the one that TRAINMON_PYTHON names.</summary>
    public static PythonInterpreter Debian { get; } = new(
        "python3-torch, python3-grpcio, python3-protobuf and python3-sklearn", Environment.GetEnvironmentVariable("TRAINMON_PYTHON") ?? "/usr/bin/python3");

    /// <summary>Debian testing's (3.14 with torch 2.14), in the folder that <c>.ci/testing-root</c> made and TRAINMON_TESTING_ROOT names.</summary>
    public static PythonInterpreter Testing { get; } = new(
        "a folder made by .ci/testing-root, named by TRAINMON_TESTING_ROOT", "chroot", Environment.GetEnvironmentVariable("TRAINMON_TESTING_ROOT") ?? "/nowhere", "env", "-C", PythonModules.Folder, "python3");

    /// <summary>Skips the test where the packages are not there; fails it where everything is required.</summary>
    public void Require()
    {
        if (missing.Value is { } reason && Environment.GetEnvironmentVariable("TRAINMON_REQUIRE_ALL") != "1")
        {
            Assert.Skip($"skipped: needs {needed} ({reason})");
        }

        missing.Value.ShouldBeNull($"needs {needed}");
    }

    /// <summary>Runs Python in the folder of the package; gives the exit code and all it said.</summary>
    public async Task<(int Code, string Said)> RunAsync(CancellationToken stop, params string[] arguments)
    {
        using var process = Process.Start(StartInfo(arguments))!;
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(stop), process.StandardError.ReadToEndAsync(stop));
            await process.WaitForExitAsync(stop);
            return (process.ExitCode, await output + await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private ProcessStartInfo StartInfo(string[] arguments)
    {
        var start = new ProcessStartInfo(command[0], [.. command[1..], .. arguments])
        {
            WorkingDirectory = PythonModules.Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        start.Environment["TRAINMON_CLI"] = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "TrainingMonitor.Cli", new DirectoryInfo(AppContext.BaseDirectory).Name, "trainmon"));
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["PYTHONWARNINGS"] = "ignore";
        start.Environment["DOTNET_HOSTBUILDER__RELOADCONFIGONCHANGE"] = "false";
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // its sockets in the temporary folder outlive a kill -9
        if (this == Testing)
        {
            // There is no ICU in that folder; the command line's texts need none.
            start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
            start.Environment["DOTNET_ROOT"] = Path.GetDirectoryName(Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : RuntimeRoot());
            start.Environment.Remove("TRAINMON_TESTING_ROOT"); // from inside there is no other
            start.Environment["TMPDIR"] = "/tmp";
        }

        return start;
    }

    // <root>/shared/Microsoft.NETCore.App/<version>/System.Private.CoreLib.dll
    private static string RuntimeRoot() => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", "dotnet"));

    private string? Probe()
    {
        try
        {
            using var process = Process.Start(StartInfo(["-c", "import torch, grpc, google.protobuf, sklearn"]))!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : error.Trim().Split('\n')[^1];
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            return error.Message;
        }
    }
}
