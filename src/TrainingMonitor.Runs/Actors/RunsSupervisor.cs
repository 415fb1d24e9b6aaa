using Akka.Actor;
using Akka.Event;
using Grpc.Core;
using TrainingMonitor.Runs.Homes;
using TrainingMonitor.Runs.Hosting;
using TrainingMonitor.Runs.Recovery;
using TrainingMonitor.Storage.Log;
using Status = Grpc.Core.Status;

namespace TrainingMonitor.Runs.Actors;

/// <summary>Parent of the run actors: starts one for each run, stops those with nothing to do, and keeps the log's release point.</summary>
internal sealed class RunsSupervisor : UntypedActor
{
    private static readonly TimeSpan MarkerInterval = TimeSpan.FromSeconds(10);

    private readonly NodeContext node;
    private readonly EmbeddedHome home;
    private readonly NodeRecovery recovery;
    private readonly Dictionary<string, IActorRef> runs = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, string> ids = [];
    private readonly Dictionary<string, List<OpenStream>> leaving = new(StringComparer.Ordinal);
    private ITimer? timer;
    private TaskCompletionSource? stopped;
    private long markerSaved;
    private long markerTime;

    /// <summary>Starts the supervisor with the runs that were recovered.</summary>
    public RunsSupervisor(NodeContext node, EmbeddedHome home, IReadOnlyList<RecoveredRun> recovered)
    {
        (this.node, this.home) = (node, home);
        recovery = new NodeRecovery(home, node.Options.MaxRuns);
        foreach (var run in recovered)
        {
            Start(run.Machine.RunId, run);
        }
    }

    protected override void PreStart()
    {
        var self = Self;
        timer = node.Time.CreateTimer(_ => self.Tell(Tick.Instance), null, node.Options.TickInterval, node.Options.TickInterval);
        Context.System.EventStream.Subscribe(Self, typeof(AllDeadLetters));
    }

    protected override void PostStop()
    {
        timer?.Dispose();
        stopped?.TrySetResult();
    }

    // A run whose actor fails ends; its trainers connect again, and it is read back from the stores.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case OpenStream open:
                OnOpen(open);
                break;
            case IRunMessage forRun when runs.TryGetValue(forRun.RunId, out var run):
                run.Tell(message);
                break;
            case IRunMessage forRun:
                forRun.NoActor();
                break;
            case Tick:
                OnTick();
                break;
            case Passivate:
                if (ids.TryGetValue(Sender, out var leavingId) && leaving.TryAdd(leavingId, []))
                {
                    Sender.Tell(StopRun.Instance);
                }

                break;
            case Terminated terminated:
                OnTerminated(terminated.ActorRef);
                break;
            case StopAll stop:
                stopped = stop.Done;
                Tell(StopRun.Instance);
                StopWhenEmpty();
                break;
            case AllDeadLetters letter when letter.Message is not Tick:
                node.Metrics.DeadLetter();

                // Asked of an actor that ended before it came to it.
                (letter.Message as IRunMessage)?.NoActor();
                break;
            default:
                break;
        }
    }

    private void OnOpen(OpenStream open)
    {
        var runId = open.Hello.RunId;
        if (stopped is not null)
        {
            open.Opening.Refused(new RpcException(new Status(StatusCode.Unavailable, "The server is stopping.")));
        }
        else if (leaving.TryGetValue(runId, out var waiting))
        {
            waiting.Add(open);
        }
        else if (runs.TryGetValue(runId, out var run))
        {
            run.Tell(open);
        }
        else if (runs.Count >= node.Options.MaxRuns)
        {
            open.Opening.Refused(RpcStatus.Full($"{runs.Count} runs are open, which is the limit.").ToRpcException());
        }
        else
        {
            Start(runId, null).Tell(open);
        }
    }

    private IActorRef Start(string runId, RecoveredRun? recovered)
    {
        Func<IFrameLogObserver, HeldRun>? held = recovered is null ? null : observer => home.Hold(recovered, observer);
        var run = Context.ActorOf(Props.Create(() => new RunActor(node, runId, held)));
        Context.Watch(run);
        runs.Add(runId, run);
        ids.Add(run, runId);
        return run;
    }

    private void OnTerminated(IActorRef run)
    {
        if (!ids.Remove(run, out var runId))
        {
            return;
        }

        runs.Remove(runId);
        if (leaving.Remove(runId, out var waiting))
        {
            waiting.ForEach(OnOpen);
        }

        StopWhenEmpty();
    }

    private void OnTick()
    {
        Tell(Tick.Instance);
        var (scan, keep) = home.Needs.Smallest(home.Log);
        if (stopped is null)
        {
            // Runs that end with the node need their part of the log at the next start.
            home.Log.Release(keep);
        }

        if (scan > markerSaved && node.Time.GetElapsedTime(markerTime) >= MarkerInterval)
        {
            (markerSaved, markerTime) = (scan, node.Time.GetTimestamp());
            _ = recovery.SaveMarkerAsync(scan, CancellationToken.None)
                .PipeTo(Self, success: () => Flush.Instance, failure: error => new SnapshotFailed(error));
        }
    }

    private void Tell(object message)
    {
        foreach (var run in runs.Values)
        {
            run.Tell(message);
        }
    }

    private void StopWhenEmpty()
    {
        if (stopped is not null && runs.Count == 0)
        {
            stopped.TrySetResult();
        }
    }
}
