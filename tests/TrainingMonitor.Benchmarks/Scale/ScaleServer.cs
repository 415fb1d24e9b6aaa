using System.Globalization;
using TrainingMonitor.Benchmarks.Ingest;
using TrainingMonitor.Server.Hosting;

namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>An embedded server, or a node of a cluster, as a process of its own. Limits that one user's token would hit are raised.</summary>
internal sealed class ScaleServer : IAsyncDisposable
{
    private const int Everyone = 1_000_000;
    private readonly ChildProcess child;
    private readonly string folder;

    private ScaleServer(ChildProcess child, string folder, Uri address, Uri pages) => (this.child, this.folder, Address, Pages) = (child, folder, address, pages);

    public int Id => child.Id;

    public Uri Address { get; }

    public Uri Pages { get; }

    /// <summary>Starts an embedded server.</summary>
    public static Task<ScaleServer> EmbeddedAsync() => StartAsync("embedded");

    /// <summary>Starts a node.</summary>
    /// <param name="cluster">Its cluster's name, which is also that of the InfluxDB database.</param>
    /// <param name="port">Port for the other nodes.</param>
    /// <param name="seeds">The others, "host:port", comma separated.</param>
    /// <param name="postgres">Connection string.</param>
    /// <param name="influx">Address.</param>
    /// <param name="advertise">Whether trainers are sent to the nodes of their runs.</param>
    public static Task<ScaleServer> NodeAsync(string cluster, int port, string seeds, string postgres, Uri influx, bool advertise) =>
        StartAsync("node", cluster, port.ToString(CultureInfo.InvariantCulture), seeds, postgres, influx.ToString(), advertise ? "advertise" : "alone");

    /// <summary>The child's side.</summary>
    public static async Task ServeAsync(string[] arguments)
    {
        var options = new ServerOptions
        {
            DataFolder = arguments[0],
            GrpcPort = int.Parse(arguments[1], CultureInfo.InvariantCulture),
            HttpPort = 0,
            NoAuth = true,
            StreamsPerToken = Everyone,
            RunsPerToken = Everyone,
            ReportsPerSecond = Everyone,
        };
        if (arguments is [_, _, "node", var cluster, var port, var seeds, var postgres, var influx, var advertise])
        {
            options = options with
            {
                Cluster = true,
                ClusterName = cluster,
                ClusterPort = int.Parse(port, CultureInfo.InvariantCulture),
                ClusterSeeds = seeds,
                ClusterFormationSeconds = 3,
                Postgres = postgres,
                InfluxUrl = influx,
                InfluxDatabase = cluster,
                AdvertiseGrpc = advertise == "advertise" ? $"http://127.0.0.1:{options.GrpcPort}" : "",
            };
        }

        await using var server = await MonitorServer.StartAsync(options, default);
        Console.WriteLine($"listening {server.GrpcAddress} {server.HttpAddress}");
        _ = Task.Run(() =>
        {
            ServerProcess.Answer();

            // The benchmark has been killed.
            Environment.Exit(0);
        });
        await server.Completion;
    }

    /// <summary>A number from its /metrics; NaN: it is not there yet.</summary>
    public async Task<double> MetricAsync(string name)
    {
        using var http = new HttpClient();
        var text = await http.GetStringAsync(new Uri(Pages, "metrics"));
        var line = text.Split('\n').FirstOrDefault(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return line is null ? double.NaN : double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>Managed bytes alive after a full collection.</summary>
    public async Task<double> AliveAsync()
    {
        await child.SayAsync("alive");
        return double.Parse((await child.AnswerAsync("alive"))[0], CultureInfo.InvariantCulture);
    }

    /// <summary>What its garbage collector has done since its start.</summary>
    public async Task<CollectorFigures> CollectorAsync()
    {
        await child.SayAsync("collector");
        return CollectorFigures.Parse(await child.AnswerAsync("collector"));
    }

    public async ValueTask DisposeAsync()
    {
        await child.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<ScaleServer> StartAsync(params string[] arguments)
    {
        var data = Directory.CreateTempSubdirectory("trainmon-scale").FullName;
        var started = ChildProcess.Start(["scale-server", data, ServerProcess.FreePort().ToString(CultureInfo.InvariantCulture), .. arguments]);
        var words = await started.AnswerAsync("listening");
        return new ScaleServer(started, data, new Uri(words[0]), new Uri(words[1]));
    }
}
