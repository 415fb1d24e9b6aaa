using TrainingMonitor.Storage.Tests;
using TrainingMonitor.Storage.Tests.Influx;
using TrainingMonitor.Storage.Tests.Postgres;

namespace TrainingMonitor.Cluster.Tests.Kit;

/// <summary>Nodes, PostgreSQL and influxd as processes of their own, with proxies between them.</summary>
internal sealed class ClusterProcess : IAsyncDisposable
{
    public const string SeriesDatabase = "faults";

    // More than an hour of soak needs; what is not used costs nothing.
    private const int DiskMegabytes = 4096;
    private readonly Dictionary<(int Node, int Port), int?> speakers = [];
    private readonly HashSet<int> cut = [];

    private ClusterProcess(SmallDisk disk, PostgresServer postgres, string connection, InfluxServer influx, string folder)
    {
        (Disk, Postgres, Connection, Influx) = (disk, postgres, connection, influx);
        var database = new Npgsql.NpgsqlConnectionStringBuilder(connection);
        for (var i = 1; i <= 3; i++)
        {
            Nodes.Add(new NodeProcess($"n{i}", Path.Combine(folder, $"n{i}"), postgres.Port, influx.Url.Port));
        }

        foreach (var node in Nodes)
        {
            node.Arguments.AddRange(
            [
                "--cluster-seeds", string.Join(',', Nodes.Where(other => other != node).Select(other => other.Address)), "--influx-url", $"http://127.0.0.1:{node.Influx.Port}", "--influx-database", SeriesDatabase,
                "--postgres", $"Host=127.0.0.1;Port={node.Postgres.Port};Username={database.Username};Database={database.Database}",
            ]);
            node.Settings["TRAINMON_SNAPSHOT_SECONDS"] = "5"; // so that runs are recovered from snapshots, too
        }

        Balancer = new FaultProxy(() => [.. Nodes.Select(node => node.GrpcPort)]);
        for (var i = 0; i < Nodes.Count; i++)
        {
            var to = i;
            Nodes[to].Remoting.Mode = port => IsCut(to, port) ? ProxyMode.Stall : ProxyMode.Pass;
        }
    }

    /// <summary>What both databases are on.</summary>
    public SmallDisk Disk { get; }

    public PostgresServer Postgres { get; }

    /// <summary>Connection string of the nodes' database, past all proxies.</summary>
    public string Connection { get; }

    public InfluxServer Influx { get; }

    public List<NodeProcess> Nodes { get; } = [];

    /// <summary>One address for all nodes: it leads to any that answers.</summary>
    public FaultProxy Balancer { get; }

    /// <summary>What all said last.</summary>
    public string Said => string.Join("\n", Nodes.Select(node => $"=== {node.Name} {node.Address}, {node.Restarts} restarts\n{node.Said}"));

    /// <summary>Starts everything and returns when all nodes take trainers.</summary>
    /// <param name="folder">Where the nodes' folders go.</param>
    /// <param name="arguments">Further arguments of each node.</param>
    /// <param name="stop">Cancels.</param>
    public static async Task<ClusterProcess> StartAsync(string folder, IReadOnlyList<string> arguments, CancellationToken stop)
    {
        var disk = new SmallDisk(DiskMegabytes);
        var postgres = await PostgresServer.StartAsync(durable: true, disk.Path);
        var influx = await InfluxServer.StartAsync(disk: disk.Path);
        var cluster = new ClusterProcess(disk, postgres, await postgres.NewDatabaseAsync(), influx, folder);
        foreach (var node in cluster.Nodes)
        {
            node.Arguments.AddRange(arguments);
            await node.StartAsync();
        }

        await cluster.ReadyAsync(stop);
        return cluster;
    }

    /// <summary>Returns when every node takes trainers and all see each other.</summary>
    public async Task ReadyAsync(CancellationToken stop)
    {
        await Task.WhenAll(Nodes.Select(node => node.ReadyAsync(stop)));
        while (!(await Task.WhenAll(Nodes.Select(node => SeesAllAsync(node, stop)))).All(sees => sees))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), stop);
        }
    }

    /// <summary>Cuts a node off from the others, both ways, or heals the cut.</summary>
    public void Cut(NodeProcess node, bool off)
    {
        lock (cut)
        {
            if (off)
            {
                cut.Add(Nodes.IndexOf(node));
            }
            else
            {
                cut.Remove(Nodes.IndexOf(node));
            }
        }
    }

    /// <summary>Ids of runs that a node owns, as the shared store has it.</summary>
    public async Task<IReadOnlyList<string>> OwnedAsync(NodeProcess node, CancellationToken stop)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(Connection);
        await using var command = source.CreateCommand("SELECT run_id FROM trainmon.run WHERE owner = $1");
        command.Parameters.Add(new Npgsql.NpgsqlParameter { Value = node.Address });
        await using var reader = await command.ExecuteReaderAsync(stop);
        var runs = new List<string>();
        while (await reader.ReadAsync(stop))
        {
            runs.Add(reader.GetString(0));
        }

        return runs;
    }

    /// <summary>Whether PostgreSQL takes a write.</summary>
    public async Task<bool> PostgresAnswersAsync(CancellationToken stop)
    {
        try
        {
            await PostgresServer.ExecuteAsync(Connection, "CREATE TABLE IF NOT EXISTS alive (at timestamptz)").WaitAsync(TimeSpan.FromSeconds(10), stop);
            return true;
        }
        catch (Exception error) when (error is Npgsql.NpgsqlException or TimeoutException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        await Balancer.DisposeAsync();
        await Influx.DisposeAsync();
        await Postgres.DisposeAsync();
        Disk.Dispose();
    }

    // A node that is cut off neither hears nor is heard: what comes to its proxy, and what comes from it to those of others.
    private bool IsCut(int to, int port)
    {
        lock (cut)
        {
            if (cut.Count == 0)
            {
                return false;
            }

            if (cut.Contains(to))
            {
                return true;
            }

            if (!speakers.TryGetValue((to, port), out var speaker))
            {
                speakers[(to, port)] = speaker = SocketOwner.Of(port, Nodes.Select(node => node.Id).OfType<int>());
            }

            return speaker is not null && cut.Any(node => Nodes[node].Id == speaker);
        }
    }

    private async Task<bool> SeesAllAsync(NodeProcess node, CancellationToken stop)
    {
        try
        {
            var metrics = await node.GetAsync("/metrics", stop);
            return metrics.Contains($"_cluster_members {Nodes.Count}\n", StringComparison.Ordinal) && metrics.Contains("_cluster_unreachable 0\n", StringComparison.Ordinal);
        }
        catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !stop.IsCancellationRequested))
        {
            return false;
        }
    }
}
