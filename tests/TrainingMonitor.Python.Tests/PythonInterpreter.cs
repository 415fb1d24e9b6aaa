using System.Diagnostics;

namespace TrainingMonitor.Python.Tests;

/// <summary>An interpreter with the packages that the client's tests need: Debian's own python3, or the one that TRAINMON_PYTHON names.</summary>
internal static class PythonInterpreter
{
    private const string Needed = "python3-torch, python3-grpcio, python3-protobuf and python3-sklearn";
    private static readonly Lazy<string?> Missing = new(Probe);

    private static string Program => Environment.GetEnvironmentVariable("TRAINMON_PYTHON") ?? "/usr/bin/python3";

    /// <summary>Skips the test where the packages are not there; fails it where everything is required.</summary>
    public static void Require()
    {
        if (Missing.Value is { } reason && Environment.GetEnvironmentVariable("TRAINMON_REQUIRE_ALL") != "1")
        {
            Assert.Skip($"skipped: needs {Needed} ({reason})");
        }

        Missing.Value.ShouldBeNull($"needs {Needed}");
    }

    /// <summary>Runs Python in the folder of the package; gives the exit code and all it said.</summary>
    public static async Task<(int Code, string Said)> RunAsync(CancellationToken stop, params string[] arguments)
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

    private static ProcessStartInfo StartInfo(string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments) { WorkingDirectory = PythonTests.Folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["TRAINMON_CLI"] = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "TrainingMonitor.Cli", new DirectoryInfo(AppContext.BaseDirectory).Name, "trainmon"));
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["DOTNET_HOSTBUILDER__RELOADCONFIGONCHANGE"] = "false";
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // its sockets in the temporary folder outlive a kill -9
        return start;
    }

    private static string? Probe()
    {
        if (!File.Exists(Program))
        {
            return $"no {Program}";
        }

        using var process = Process.Start(StartInfo(["-c", "import torch, grpc, google.protobuf, sklearn"]))!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : error.Trim().Split('\n')[^1];
    }
}
