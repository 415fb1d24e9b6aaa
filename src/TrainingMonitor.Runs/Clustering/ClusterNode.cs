using System.ComponentModel.DataAnnotations;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Runs.Actors;
using TrainingMonitor.Runs.Clustering.Formation;
using TrainingMonitor.Runs.Gateway;
using TrainingMonitor.Runs.Homes;
using TrainingMonitor.Runs.Hosting;
using TrainingMonitor.Runs.Series;
using TrainingMonitor.Storage.Series;
using TrainingMonitor.Storage.Shared;

namespace TrainingMonitor.Runs.Clustering;

/// <summary>One node of a cluster: each run has its actor on one of the nodes, and every node takes trainers and readers of all runs. The stores belong to the caller, who disposes of them
/// after the node.</summary>
public sealed class ClusterNode : IAsyncDisposable
{
    private readonly NodeContext node;
    private readonly ServiceProvider services;
    private readonly ActorSystem system;
    private readonly CancellationTokenSource ending = new();
    private readonly Task beating;
    private readonly Func<Task> forget;
    private int disposed;

    private ClusterNode(NodeContext node, ServiceProvider services, ActorSystem system, IActorRef region, ClusterFormation formation, Func<Task> forget)
    {
        (this.node, this.services, this.system, this.forget) = (node, services, system, forget);
        Gateway = new ClusterGateway(node, system, region);
        beating = formation.BeatAsync(ending.Token);
    }

    /// <summary>What the server uses.</summary>
    public IRunGateway Gateway { get; }

    /// <summary>Completes when the node has ended, by its own will or because the others have removed it. Removed, its process must end; whoever watches over it starts it again.</summary>
    public Task Ended => system.WhenTerminated;

    /// <summary>Joins the cluster and returns when the node is a member of it.</summary>
    /// <exception cref="ValidationException">An option is out of range.</exception>
    public static async Task<ClusterNode> StartAsync(
        MonitorNodeOptions options, ClusterOptions clustering, ISharedRuns runs, IMemberBook book, ISeriesStore series, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clustering);
        ArgumentNullException.ThrowIfNull(book);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        Validator.ValidateObject(clustering, new ValidationContext(clustering), validateAllProperties: true);
        var writer = new SeriesWriter(series, time, loggers.CreateLogger<SeriesWriter>());
        var provider = ClusterHosting.Services(clustering, loggers);
        try
        {
            foreach (var hosted in provider.GetServices<IHostedService>())
            {
                await hosted.StartAsync(cancellationToken);
            }

            var actors = provider.GetRequiredService<ActorSystem>();
            var cluster = Cluster.Get(actors);
            var self = new MemberEntry($"{cluster.SelfAddress.Host}:{cluster.SelfAddress.Port}", Guid.NewGuid(), options.Ingest, Joined: false);
            var context = new NodeContext(options, new SharedHome(runs, self.Address, writer, loggers), writer, time, loggers);
            writer.Start(Akka.Streams.ActorMaterializerExtensions.Materializer(actors));
            CoordinatedShutdown.Get(actors).AddTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate, "series", async () =>
            {
                await writer.StopAsync(options.StopTimeout);
                return Akka.Done.Instance;
            });
            var formation = new ClusterFormation(clustering, book, self, cluster, time, loggers.CreateLogger<ClusterFormation>());
            // Before it joins: nodes that are there count on it from that moment.
            var region = StartActors(actors, clustering, context, runs, loggers);
            await formation.JoinAsync(cancellationToken);
            return new ClusterNode(context, provider, actors, region, formation, () => book.RemoveAsync(self.Address, self.Start, CancellationToken.None));
        }
        catch
        {
            await provider.DisposeAsync();
            throw;
        }
    }

    /// <summary>Leaves: runs are handed over with a snapshot, within <see cref="ClusterOptions.LeaveTimeout"/> and some seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }

        await CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClusterLeavingReason.Instance);
        await ending.CancelAsync();
        await beating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Where the store does not answer, the entry grows old by itself.
        await forget().WaitAsync(TimeSpan.FromSeconds(2)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        node.Alerts.Complete();
        node.Writer.Dispose();
        ending.Dispose();
        await services.DisposeAsync();
    }

    private static IActorRef StartActors(ActorSystem system, ClusterOptions clustering, NodeContext context, ISharedRuns runs, ILoggerFactory loggers)
    {
        const string Type = "runs";
        var sharding = ClusterSharding.Get(system);
        var region = clustering.HasRuns
            ? sharding.Start(Type, runId => Props.Create(() => new RunActor(context, runId, null)), ClusterShardingSettings.Create(system), new RunExtractor(), sharding.DefaultShardAllocationStrategy(ClusterShardingSettings.Create(system)), StopRun.Instance)
            : sharding.StartProxy(Type, ClusterSettings.RunsRole, new RunExtractor());
        system.ActorOf(Props.Create(() => new NodeActor(context)), NodeActor.Name);
        if (clustering.HasRuns)
        {
            system.ActorOf(
                ClusterSingletonManager.Props(
                    Props.Create(() => new OverdueKeeper(runs, region, loggers.CreateLogger<OverdueKeeper>())),
                    PoisonPill.Instance,
                    ClusterSingletonManagerSettings.Create(system).WithRole(ClusterSettings.RunsRole).WithSingletonName(OverdueKeeper.Name)),
                OverdueKeeper.Name);
        }

        return region;
    }
}
