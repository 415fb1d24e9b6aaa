using Akka.Actor;
using Akka.Cluster;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Clustering.Messages;
using TrainingMonitor.Runs.Clustering.Sessions;
using TrainingMonitor.Runs.Gateway;
using TrainingMonitor.Runs.Hosting;
using TrainingMonitor.Runs.Watching;

namespace TrainingMonitor.Runs.Clustering;

/// <summary>The runs of all nodes as the server of one sees them.</summary>
internal sealed class ClusterGateway(NodeContext node, ActorSystem system, IActorRef region) : IRunGateway
{
    // A node that does not answer must not hold up a page: the store answers then.
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(2);
    private readonly Redirects redirects = new(node.Time);

    public IReadOnlyList<RunSummary> LiveRuns => node.Runs.All;

    public IReadOnlyDictionary<string, double> Metrics
    {
        get
        {
            var metrics = new SortedDictionary<string, double>(StringComparer.Ordinal)
            {
                ["runs"] = node.Runs.Count,
                ["alert_readers"] = node.Alerts.Readers,
                ["series_queue"] = node.Writer.Queued,
                ["series_points_waiting"] = node.Writer.WaitingPoints,
                ["series_writes_total"] = node.Writer.Written,
                ["series_write_failures_total"] = node.Writer.Failures,
                ["cluster_members"] = Cluster.Get(system).State.Members.Count(member => member.Status == MemberStatus.Up),
                ["cluster_unreachable"] = Cluster.Get(system).State.Unreachable.Count,
                ["streams_redirected_total"] = redirects.Count,
            };
            node.Metrics.CopyTo(metrics);
            return metrics;
        }
    }

    public async Task<IRunStream> OpenAsync(Hello hello, IIngestSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(hello);
        ArgumentNullException.ThrowIfNull(session);
        var answer = new TaskCompletionSource<ForwardedStream>(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = system.ActorOf(Props.Create(() => new StreamSession(region, hello, session, answer)));
        try
        {
            var stream = await answer.Task.WaitAsync(cancellationToken);
            if (!stream.IsHere && redirects.Should(hello, stream.Ingest))
            {
                // The trainer is served here until it leaves.
                session.TrySend(new ServerFrame { GoAway = new GoAway { Reason = $"Run {hello.RunId} is on another node.", ReconnectTo = stream.Ingest } });
            }

            return stream;
        }
        catch (OperationCanceledException)
        {
            actor.Tell(StreamLost.Instance, ActorRefs.NoSender);
            throw;
        }
    }

    public async Task<RunDetail?> GetLiveAsync(string runId, CancellationToken cancellationToken) =>
        (await AskAsync<DetailAnswer>(region, new AskDetail(runId), cancellationToken))?.Detail;

    public async Task<IReadOnlyList<RunSummary>> ListLiveAsync(string project, int limit, CancellationToken cancellationToken)
    {
        var own = Cluster.Get(system).SelfAddress;
        var others = Cluster.Get(system).State.Members.Where(member => member.Status is MemberStatus.Up or MemberStatus.Leaving && member.Address != own).Select(member => member.Address);
        var answers = await Task.WhenAll(others.Select(address =>
            AskAsync<Summaries>(system.ActorSelection(new RootActorPath(address) / "user" / NodeActor.Name), new AskSummaries(project, limit), cancellationToken)));
        return [.. answers.SelectMany(answer => answer?.Runs ?? []).Concat(node.Runs.Newest(project, limit)).OrderByDescending(run => run.UpdatedUnixNs).Take(limit)];
    }

    public IAsyncEnumerable<RunUpdate> WatchAsync(string runId, double maxPerSecond, CancellationToken cancellationToken)
    {
        var subscriber = new ChannelSubscriber();
        IActorRef session = ActorRefs.Nobody;
        return subscriber.ReadAllAsync(
            maxPerSecond,
            join: () => session = system.ActorOf(Props.Create(() => new WatchSession(region, runId, subscriber))),
            pull: () => session.Tell(WatchSession.Pull.Instance, ActorRefs.NoSender),
            leave: () => session.Tell(WatchSession.Leave.Instance, ActorRefs.NoSender),
            node.Time,
            cancellationToken);
    }

    public IAsyncEnumerable<Alert> WatchAlertsAsync(string runId, CancellationToken cancellationToken) => node.Alerts.WatchAsync(runId, cancellationToken);

    public async Task<bool> AdviseAsync(string runId, Advice advice, CancellationToken cancellationToken) =>
        (await AskAsync<Advised>(region, new AdviseRun(runId, advice), cancellationToken))?.Any ?? false;

    private static async Task<T?> AskAsync<T>(ICanTell target, object message, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await target.Ask<T>(message, AskTimeout, cancellationToken);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }
}
