using System.Diagnostics;
using System.Globalization;
using TrainingMonitor.Benchmarks.Ingest;

namespace TrainingMonitor.Benchmarks.Scale;

/// <summary>The nodes of one cluster, each a process, and the load generator that knows all of them.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private TestCluster(string name, bool follow, IReadOnlyList<ScaleServer> nodes)
    {
        (Name, Follow, Nodes) = (name, follow, nodes);
        Load = LoadProcess.Start(nodes.Select(node => node.Address));
    }

    public string Name { get; }

    /// <summary>Trainers go to the nodes of their runs; else two thirds of the frames of three nodes are handed on.</summary>
    public bool Follow { get; }

    public IReadOnlyList<ScaleServer> Nodes { get; }

    public LoadProcess Load { get; }

    /// <summary>Processor time of its nodes, seconds.</summary>
    public double Processor => Nodes.Sum(node => ProcessFigures.Processor(node.Id));

    /// <summary>Starts the nodes and waits until each sees all.</summary>
    public static async Task<TestCluster> StartAsync(SharedServers shared, string name, int count, bool follow)
    {
        var postgres = await shared.NewDatabaseAsync();
        var ports = Enumerable.Range(0, count).Select(_ => ServerProcess.FreePort()).ToList();
        var seeds = string.Join(',', ports.Select(port => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")));
        var nodes = new List<ScaleServer>();
        foreach (var port in ports)
        {
            nodes.Add(await ScaleServer.NodeAsync(name, port, seeds, postgres, shared.Influx, follow));
        }

        var waited = Stopwatch.StartNew();
        foreach (var node in nodes)
        {
            while (await node.MetricAsync("trainmon_cluster_members") is double.NaN or < 1 || await node.MetricAsync("trainmon_cluster_members") < count)
            {
                if (waited.Elapsed > Patience)
                {
                    throw new InvalidOperationException($"The nodes of {name} do not find each other.");
                }

                await Task.Delay(200);
            }
        }

        return new TestCluster(name, follow, nodes);
    }

    /// <summary>Waits until nothing is on its way to InfluxDB.</summary>
    public async Task SettleAsync()
    {
        foreach (var node in Nodes)
        {
            while (await node.MetricAsync("trainmon_series_points_waiting") > 0)
            {
                await Task.Delay(50);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Load.DisposeAsync();
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }
    }
}
