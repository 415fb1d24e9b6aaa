using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Clustering;
using TrainingMonitor.Runs.Gateway;
using TrainingMonitor.Runs.Hosting;

namespace TrainingMonitor.Runs.Tests.Kit;

/// <summary>Nodes of one cluster in this process, with real remoting on loopback and shared stores in memory.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly List<ClusterNode> nodes = [];

    public MemoryShared Shared { get; } = new();

    public MemorySeries Series { get; } = new() { ByKey = true };

    public IReadOnlyList<ClusterNode> Nodes => nodes;

    public Func<ClusterOptions, ClusterOptions> Configure { get; init; } = static options => options;

    public Func<int, MonitorNodeOptions> NodeOptions { get; init; } = static _ => new MonitorNodeOptions { TickInterval = TimeSpan.FromMilliseconds(100) };

    public static async Task<TestCluster> StartAsync(int count, TestCluster? made = null)
    {
        var cluster = made ?? new TestCluster();
        for (var i = 0; i < count; i++)
        {
            await cluster.AddAsync();
        }

        await TestNode.UntilAsync(() => cluster.Nodes.All(node => node.Gateway.Metrics["cluster_members"] == count));
        return cluster;
    }

    public async Task<ClusterNode> AddAsync(CancellationToken? cancellation = null)
    {
        var options = Configure(new ClusterOptions { Port = 0, FormationSeconds = 1, LeaveTimeout = TimeSpan.FromSeconds(5), StableAfterSeconds = 1 });
        var node = await ClusterNode.StartAsync(
            NodeOptions(nodes.Count), options, Shared, Shared, Series, TimeProvider.System, Loggers(), cancellation ?? TestContext.Current.CancellationToken);
        lock (nodes)
        {
            nodes.Add(node);
        }

        return node;
    }

    /// <summary>Opens a stream at a node and sends what the run lacks. A run on the move is asked for again, as trainers do.</summary>
    public async Task<(IRunStream Stream, TestSession Session)> SendAsync(int node, Trainer trainer, int upTo = int.MaxValue)
    {
        var (stream, session) = await OpenAsync(node, trainer.Hello());
        TestNode.Post(stream, trainer.Frames.Take(upTo).Skip((int)stream.Welcome.ResumeAfter));
        return (stream, session);
    }

    public async Task<(IRunStream Stream, TestSession Session)> OpenAsync(int node, Hello hello)
    {
        for (var left = 30; ; left--)
        {
            var session = new TestSession();
            try
            {
                return (await nodes[node].Gateway.OpenAsync(hello, session, TestContext.Current.CancellationToken), session);
            }
            catch (Grpc.Core.RpcException error) when (error.StatusCode == Grpc.Core.StatusCode.Unavailable && left > 0)
            {
                await Task.Delay(300, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>Index of the node that has the run.</summary>
    public int OwnerOf(string runId) => nodes.FindIndex(node => node.Gateway.LiveRuns.Any(run => run.RunId == runId));

    /// <summary>A run id that the given node will have.</summary>
    public async Task<string> RunOfAsync(int node)
    {
        for (var i = 0; i < 200; i++)
        {
            var id = $"run-{node}-{i}";
            var (stream, _) = await OpenAsync(node, new Trainer(id).Table().Hello());
            if (OwnerOf(id) == node)
            {
                stream.Disconnected();
                return id;
            }
        }

        throw new InvalidOperationException("No run came to the node.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    private static ILoggerFactory Loggers() => Environment.GetEnvironmentVariable("TRAINMON_TEST_LOG") is { Length: > 0 } path
        ? LoggerFactory.Create(builder => builder.AddProvider(new FileLogs(path)))
        : NullLoggerFactory.Instance;
}
