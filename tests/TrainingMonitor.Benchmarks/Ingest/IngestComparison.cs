using System.Diagnostics;
using System.Globalization;
using System.Text;
using TrainingMonitor.Server.Hosting;

namespace TrainingMonitor.Benchmarks.Ingest;

/// <summary>Durable ingest against the bare sink, in turn, in one run: each server a process of its own, the load generator this process, all on the same cores.</summary>
internal static class IngestComparison
{
    public static async Task<string> RunAsync(int rounds, int layers, int steps)
    {
        var report = new StringBuilder();
        report.AppendLine("| steps a frame | round | bare sink, steps/s | durable, steps/s | ratio |");
        report.AppendLine("|---|---|---|---|---|");
        foreach (var stepsPerFrame in new[] { 1, 8 })
        {
            var ratios = new List<double>();
            for (var round = 0; round <= rounds; round++)
            {
                var bare = await OneAsync("bare-sink", layers, stepsPerFrame, steps);
                var durable = await OneAsync("server", layers, stepsPerFrame, steps);
                if (round == 0)
                {
                    continue; // warm-up of the disk cache and of this process
                }

                ratios.Add(durable / bare);
                report.AppendLine(CultureInfo.InvariantCulture, $"| {stepsPerFrame} | {round} | {bare:N0} | {durable:N0} | {durable / bare:F2} |");
            }

            ratios.Sort();
            report.AppendLine(CultureInfo.InvariantCulture, $"| {stepsPerFrame} | median | | | **{ratios[ratios.Count / 2]:F2}** |");
        }

        return report.ToString();
    }

    /// <summary>The child process that is the server under test.</summary>
    public static async Task ServeAsync(int port, string folder)
    {
        await using var server = await MonitorServer.StartAsync(new ServerOptions { DataFolder = folder, GrpcPort = port, HttpPort = 0, NoAuth = true }, default);
        Console.WriteLine($"listening {server.GrpcAddress.Port}");
        await server.Completion;
    }

    private static async Task<double> OneAsync(string kind, int layers, int stepsPerFrame, int steps)
    {
        var port = FreePort();
        var folder = Directory.CreateTempSubdirectory("trainmon-bench").FullName;
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in new[] { "child", kind, port.ToString(CultureInfo.InvariantCulture), folder })
        {
            start.ArgumentList.Add(argument);
        }

        using var child = Process.Start(start)!;
        try
        {
            while (await child.StandardOutput.ReadLineAsync() is { } line && !line.StartsWith("listening", StringComparison.Ordinal))
            {
            }

            var drain = child.StandardOutput.ReadToEndAsync();
            var server = new Uri($"http://127.0.0.1:{port}");
            await LoadGenerator.RunAsync(server, null, layers, stepsPerFrame, steps / 10); // the JIT's turn
            var rate = await LoadGenerator.RunAsync(server, null, layers, stepsPerFrame, steps);
            child.Kill();
            await drain;
            return rate;
        }
        finally
        {
            if (!child.HasExited)
            {
                child.Kill();
            }

            await child.WaitForExitAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
