using System.Diagnostics;
using System.Globalization;
using TrainingMonitor.Server.Hosting;

namespace TrainingMonitor.Benchmarks.Ingest;

/// <summary>A server under test, in a process of its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process child;
    private readonly string folder;

    private ServerProcess(Process child, string folder, Uri address) => (this.child, this.folder, Address) = (child, folder, address);

    public Uri Address { get; }

    /// <summary>Where its pages and /metrics are; null: it has none.</summary>
    public Uri? Pages { get; private set; }

    /// <summary>Processor time it has taken.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            child.Refresh();
            return child.TotalProcessorTime;
        }
    }

    /// <summary>Starts "child KIND PORT FOLDER" of this program and waits until it listens.</summary>
    /// <param name="kind">Which server.</param>
    /// <param name="influx">InfluxDB that gets a copy of everything; null: none.</param>
    public static async Task<ServerProcess> StartAsync(string kind, Uri? influx = null)
    {
        var port = FreePort();
        var data = Directory.CreateTempSubdirectory("trainmon-bench").FullName;
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (var argument in new[] { "child", kind, port.ToString(CultureInfo.InvariantCulture), data })
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["TRAINMON_INFLUX_URL"] = influx?.ToString() ?? "";
        var server = new ServerProcess(Process.Start(start)!, data, new Uri($"http://127.0.0.1:{port}"));
        var words = (await server.AnswerAsync("listening")).Split(' ');
        server.Pages = words.Length > 2 ? new Uri(words[2]) : null;
        return server;
    }

    /// <summary>Managed bytes it has allocated since its start.</summary>
    public Task<long> AllocatedAsync() => AskAsync("allocated");

    /// <summary>Managed bytes alive after a full collection.</summary>
    public Task<long> AliveAsync() => AskAsync("alive");

    /// <summary>The child's side: the monitor, which answers on its standard input what it is asked.</summary>
    public static async Task ServeAsync(int port, string folder)
    {
        await using var server = await MonitorServer.StartAsync(new ServerOptions { DataFolder = folder, GrpcPort = port, HttpPort = 0, NoAuth = true }, default);
        Console.WriteLine($"listening {server.GrpcAddress.Port} {server.HttpAddress}");
        _ = Task.Run(Answer);
        await server.Completion;
    }

    /// <summary>Answers questions of the parent until its end.</summary>
    public static void Answer()
    {
        while (Console.ReadLine() is { } question)
        {
            var answer = question switch
            {
                "alive" => Alive().ToString(CultureInfo.InvariantCulture),
                "collector" => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{GC.GetTotalAllocatedBytes()} {GC.GetTotalPauseDuration().TotalSeconds:R} {GC.CollectionCount(0)} {GC.CollectionCount(1)} {GC.CollectionCount(2)}"),
                _ => GC.GetTotalAllocatedBytes(precise: true).ToString(CultureInfo.InvariantCulture),
            };
            Console.WriteLine($"{question} {answer}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        child.Kill();
        await child.WaitForExitAsync();
        child.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static long Alive()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private async Task<long> AskAsync(string question)
    {
        await child.StandardInput.WriteLineAsync(question);
        await child.StandardInput.FlushAsync();
        return long.Parse((await AnswerAsync(question))[(question.Length + 1)..], CultureInfo.InvariantCulture);
    }

    private async Task<string> AnswerAsync(string start)
    {
        while (await child.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"The server ended; '{start}' was expected of it.");
    }

    public static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
