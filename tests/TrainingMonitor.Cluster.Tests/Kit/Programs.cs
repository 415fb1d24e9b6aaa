using System.Diagnostics;

namespace TrainingMonitor.Cluster.Tests.Kit;

/// <summary>Built programs beside the tests, and signals to what was started.</summary>
internal static class Programs
{
    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;

    /// <summary><c>trainmon</c> with a clock to set.</summary>
    public static string Node { get; } = Sibling("TrainingMonitor.Node.Testing", "TrainingMonitor.Node.Testing");

    /// <summary>Trainers without training.</summary>
    public static string Load { get; } = Sibling("TrainingMonitor.Load.Testing", "TrainingMonitor.Load.Testing");

    /// <summary>Starts a program whose words are read line by line.</summary>
    public static Process Start(string program, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>> environment, Action<string> output, Action<string> error)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["DOTNET_HOSTBUILDER__RELOADCONFIGONCHANGE"] = "false";
        start.Environment["DOTNET_EnableDiagnostics"] = "0"; // its sockets in the temporary folder outlive a kill -9
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Hear(output, line.Data);
        process.ErrorDataReceived += (_, line) => Hear(error, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Sends a signal: "STOP", "CONT", "TERM", "KILL".</summary>
    public static async Task SignalAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await kill.WaitForExitAsync();
    }

    private static string Sibling(string project, string program) => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", project, Configuration, program));

    private static void Hear(Action<string> ear, string? line)
    {
        if (line is not null)
        {
            ear(line);
        }
    }
}
