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
        info.Environment["DOTNET_EnableDiagnostics"] = "0"; // its sockets in the temporary folder outlive a kill -9
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

        // The parent's folder only: one of its own would stay behind when it is killed.
        using var clients = new TestClients();
        var client = TrainingMonitorClient.Start(clients.Options(new(server), spill));
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
