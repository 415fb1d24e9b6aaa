using Akka.Actor;
using TrainingMonitor.Runs.Clustering.Messages;
using TrainingMonitor.Runs.Watching;

namespace TrainingMonitor.Runs.Clustering.Sessions;

/// <summary>A reader at its own node. When the run moves to another node, it follows.</summary>
internal sealed class WatchSession : UntypedActor, IWithTimers
{
    /// <summary>The reader asks for the run as it is.</summary>
    public sealed record Pull
    {
        public static readonly Pull Instance = new();
    }

    /// <summary>The reader has gone.</summary>
    public sealed record Leave
    {
        public static readonly Leave Instance = new();
    }

    private const string Again = "again";
    private const int Attempts = 60;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly IActorRef region;
    private readonly string runId;
    private readonly ChannelSubscriber subscriber;
    private IActorRef? run;
    private int left = Attempts;
    private bool pulled;

    public WatchSession(IActorRef region, string runId, ChannelSubscriber subscriber) => (this.region, this.runId, this.subscriber) = (region, runId, subscriber);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Ask();

    protected override void PostStop() => subscriber.End();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case RunNews:
                Follow(Sender);
                subscriber.Mark();
                break;
            case Pull:
                pulled = true;
                run?.Tell(PullRun.Instance, Self);
                break;
            case RunUpdated updated:
                pulled = false;
                subscriber.Answer(updated.Update);
                break;
            case WatchEnded when left < Attempts && run is null && left-- > 0:
                // The run has been taken from its node and nobody has it yet: its trainers, or its overdue report, will bring it back.
                Timers.StartSingleTimer(Again, Again, Pause);
                break;
            case WatchEnded or Leave:
                run?.Tell(Unwatch.Instance, Self);
                Context.Stop(Self);
                break;
            case Terminated:
                run = null;
                left = Attempts - 1;
                Timers.StartSingleTimer(Again, Again, Pause);
                break;
            case Again when run is null && left-- > 0:
                Ask();
                break;
            case Again when run is null:
                Context.Stop(Self);
                break;
            case Again:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // The question may be lost while the run moves.
    private void Ask()
    {
        region.Tell(new WatchRun(runId), Self);
        Timers.StartSingleTimer(Again, Again, Pause * 2);
    }

    private void Follow(IActorRef sender)
    {
        if (!sender.Equals(run))
        {
            run = sender;
            Context.Watch(sender);
        }

        if (pulled)
        {
            // Asked of the actor that has gone.
            run.Tell(PullRun.Instance, Self);
        }
    }
}
