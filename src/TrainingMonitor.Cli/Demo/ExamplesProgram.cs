using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TrainingMonitor.Cli.Demo;

/// <summary>The program with the training jobs: a process of its own, so that the command line needs no tensor library.</summary>
/// <param name="Assembly">Full path of TrainingMonitor.Examples.dll.</param>
internal sealed record ExamplesProgram(string Assembly)
{
    private const string FileName = "TrainingMonitor.Examples.dll";

    /// <summary>Looks in TRAINMON_EXAMPLES (a folder or the file), in the folder "examples" beside this program, and in the build output beside this program's.</summary>
    /// <exception cref="CliException">It is in none of them.</exception>
    public static ExamplesProgram Find(Func<string, string?> variable, string baseFolder)
    {
        if (variable("TRAINMON_EXAMPLES") is { Length: > 0 } named)
        {
            var path = File.Exists(named) ? named : Path.Combine(named, FileName);
            return File.Exists(path)
                ? new ExamplesProgram(Path.GetFullPath(path))
                : throw new CliException(ExitCodes.NotFound, $"TRAINMON_EXAMPLES names {named}, but {FileName} is not there: correct or unset it.");
        }

        var output = Path.TrimEndingDirectorySeparator(baseFolder);
        string[] candidates =
        [
            Path.Combine(output, "examples", FileName),
            // .artifacts/bin/PROJECT/CONFIGURATION
            Path.Combine(output, "..", "..", "TrainingMonitor.Examples", Path.GetFileName(output), FileName),
        ];
        return candidates.FirstOrDefault(File.Exists) is { } found
            ? new ExamplesProgram(Path.GetFullPath(found))
            : throw new CliException(
                ExitCodes.NotFound, "The training jobs are not built: run 'dotnet build src/TrainingMonitor.Examples', or name their folder in TRAINMON_EXAMPLES.");
    }

    /// <summary>Runs with the runtime of this process.</summary>
    public ProcessStartInfo Start(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Runtime()) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Assembly);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    // DOTNET_HOST_PATH is set under the SDK; else the runtime folder is ROOT/shared/Microsoft.NETCore.App/VERSION.
    private static string Runtime()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var root = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name);
        return Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : File.Exists(root) ? Path.GetFullPath(root) : name;
    }
}
