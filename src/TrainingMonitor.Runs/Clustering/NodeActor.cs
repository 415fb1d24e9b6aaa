using Akka.Actor;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Event;
using TrainingMonitor.Runs.Actors;
using TrainingMonitor.Runs.Clustering.Messages;
using TrainingMonitor.Runs.Hosting;

namespace TrainingMonitor.Runs.Clustering;

/// <summary>One on each node: the clock of its runs, its answers to other nodes, and its readers' ear for the alerts of all.</summary>
internal sealed class NodeActor(NodeContext node) : UntypedActor
{
    public const string Name = "node";

    // Some three hundred summaries are what one message between nodes should hold.
    private const int MostSummaries = 300;
    private const string AlertTopic = "alerts";

    private readonly IActorRef mediator = DistributedPubSub.Get(Context.System).Mediator;
    private ITimer? timer;

    protected override void PreStart()
    {
        var (self, told) = (Self, mediator);
        timer = node.Time.CreateTimer(_ => self.Tell(Tick.Instance), null, node.Options.TickInterval, node.Options.TickInterval);
        mediator.Tell(new Akka.Cluster.Tools.PublishSubscribe.Subscribe(AlertTopic, Self));
        node.Tell = alert => told.Tell(new Publish(AlertTopic, new AlertNews(alert)), self);
        Context.System.EventStream.Subscribe(Self, typeof(AllDeadLetters));
    }

    protected override void PostStop()
    {
        timer?.Dispose();
        node.Tell = null;
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick:
                foreach (var run in node.Actors.Values)
                {
                    run.Tell(Tick.Instance);
                }

                break;
            case AskSummaries ask:
                Sender.Tell(new Summaries(node.Runs.Newest(ask.Project, Math.Clamp(ask.Limit, 0, MostSummaries))));
                break;
            case AlertNews news:
                node.Alerts.Publish(news.Alert);
                break;
            case AllDeadLetters letter when letter.Message is not Tick:
                node.Metrics.DeadLetter();
                break;
            default:
                break;
        }
    }
}
