using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace TrainingMonitor.Client.Tests;

/// <summary>A training process to be killed: this test program, started again with an environment variable.</summary>
internal static class ChildProcess
{
    private const string Variable = "TRAINMON_TEST_CHILD";

    /// <summary>Starts a process that reports steps to a server that is away, and returns when some are on its disk.</summary>
    public static async Task<Process> StartAsync(Uri server, string spill)
    {
        var info = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(info.FileName) == "dotnet")
        {
            info.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        }

        info.Environment[Variable] = $"{server}|{spill}";
        var process = Process.Start(info)!;
        (await process.StandardOutput.ReadLineAsync()).ShouldBe("spilled");
        return process;
    }

    // Runs before the test program's own Main, and never returns in a child.
    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "The test program is its own child process.")]
    internal static void BeAChild()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split('|') is not [var server, var spill])
        {
            return;
        }

        using var clients = new TestClients();
        var client = clients.Start(new(server), o => o with { SpillFolder = spill });
        client.SetLayers(TestClients.Table(4));
        for (var step = 0; ; step++)
        {
            client.Report(TestClients.Report(step));
            using var pause = new ManualResetEventSlim();
            pause.Wait(2);
            if (Directory.EnumerateFiles(spill, "*.spill", SearchOption.AllDirectories).Any(f => new FileInfo(f).Length > 10_000))
            {
                Console.WriteLine("spilled");
                Console.Out.Flush();
                pause.Wait();
            }
        }
    }
}
