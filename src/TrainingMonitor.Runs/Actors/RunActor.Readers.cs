using Akka.Actor;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Watching;
using RunStatus = TrainingMonitor.Protocol.V1.RunState;
using Status = Grpc.Core.Status;

namespace TrainingMonitor.Runs.Actors;

/// <content>Readers, the clock, and the end.</content>
internal sealed partial class RunActor
{
    private static readonly TimeSpan PublishInterval = TimeSpan.FromMilliseconds(100);

    private bool HasEnded => Machine.Status is RunStatus.Finished or RunStatus.Failed;

    private void OnReader(object message)
    {
        switch (message)
        {
            case GetDetail get:
                get.Answer.TrySetResult(Detail());
                break;
            case Subscribe subscribe:
                subscribers.Add(subscribe.Subscriber);
                subscribe.Subscriber.Mark();
                break;
            case PullUpdate pull:
                Answer(pull.Subscriber);
                break;
            case Unsubscribe unsubscribe:
                subscribers.Remove(unsubscribe.Subscriber);
                unsubscribe.Subscriber.End();
                break;
            case AdviseTrainers advise:
                advise.Answer.TrySetResult(Advise(advise.Advice));
                break;
            default:
                OnRemote(message);
                break;
        }
    }

    private RunDetail Detail()
    {
        var detail = Machine.Detail();
        detail.Counters["frames_duplicate"] = (ulong)dropped.Duplicates;
        detail.Counters["frame_gaps"] = (ulong)dropped.Gaps;
        detail.Counters["frames_refused"] = (ulong)dropped.Refused;

        // The state goes on changing; the reader's copy must not.
        return detail.Clone();
    }

    private void Answer(RunSubscriber subscriber)
    {
        var update = new RunUpdate { Summary = Machine.Summary() };
        Machine.CopyEstimates(update.Estimates);
        update.Alerts.Add(subscriber.Alerts);
        subscriber.Alerts.Clear();
        subscriber.Answer(update);
        if (HasEnded && subscribers.Remove(subscriber))
        {
            subscriber.End();
        }
    }

    private bool Advise(Advice advice)
    {
        var any = false;
        foreach (var link in links.Values)
        {
            if (link.Stream is { IsClosed: false } stream)
            {
                stream.Send(new ServerFrame { Advice = advice });
                any = true;
            }
        }

        return any;
    }

    private void PublishAlerts()
    {
        for (; alertsPublished < output.Alerts.Count; alertsPublished++)
        {
            var alert = output.Alerts[alertsPublished];
            node.Metrics.AlertRaised();
            node.Publish(alert);
            foreach (var link in links.Values)
            {
                link.Stream?.Send(new ServerFrame { Alert = alert });
            }

            subscribers.ForEach(subscriber => subscriber.Alerts.Add(alert));
        }
    }

    private void HandOn()
    {
        KeepLastState();
        SendAcks();
        unpublished = true;
        if (news || node.Time.GetElapsedTime(lastPublished) >= PublishInterval)
        {
            Publish();
        }

        news = false;
    }

    // To a run that has ended nothing more may come: its last state is kept now, not when the interval is over.
    private void KeepLastState()
    {
        if (!HasEnded || !snapshots.Lacks(last))
        {
            return;
        }

        TakeSnapshot();
        HandToStores();
    }

    private void Publish()
    {
        unpublished = false;
        lastPublished = node.Time.GetTimestamp();
        node.Runs.Publish(Machine.Summary());
        subscribers.ForEach(subscriber => subscriber.Mark());
    }

    private void OnTick()
    {
        // The log tells only those who have records in it: whether it takes any again is seen by trying, once a tick.
        (logFailed, snapshotFailed) = (false, false);
        var quiet = node.Time.GetElapsedTime(lastInput);
        if (Rests(quiet))
        {
            return;
        }

        if (Machine.Status == RunStatus.Running && quiet.TotalSeconds > Machine.PromiseSeconds && !logFailed)
        {
            Decide(new ClockDecision { Kind = ClockDecision.Types.Kind.Stalled, Step = Machine.Summary().Step });
        }

        CloseOverdueStep();
        if (snapshots.IsDue)
        {
            TakeSnapshot();
        }

        HandToStores();
        SendAcks();
        if (unpublished)
        {
            Publish();
        }

        var idle = HasEnded ? node.Options.IdleTimeout : node.Options.StalledIdleTimeout;
        if (Machine.Status != RunStatus.Running && quiet >= idle && subscribers.Count == 0 && links.Values.All(link => link.Stream is null) && IsSaved)
        {
            Context.Parent.Tell(node.Home.Passivation);
        }
        else if (MayRest(quiet))
        {
            Rest();
        }
    }

    // How long a step has been the oldest is known by looking at every tick.
    private void CloseOverdueStep()
    {
        if (Machine.OldestOpenStep is not { } step)
        {
            waiting = null;
            return;
        }

        if (waiting?.Step != step)
        {
            waiting = (step, node.Time.GetTimestamp());
        }
        else if (node.Time.GetElapsedTime(waiting.Value.Since) >= node.Options.StepTimeout && !logFailed)
        {
            waiting = null;
            Decide(new ClockDecision { Kind = ClockDecision.Types.Kind.StepClosed, Step = (ulong)step });
        }
    }

    private bool IsSaved => outputs.IsEmpty && snapshots.Saved >= last;

    private void OnStop()
    {
        stopping = true;
        CloseAll(new Status(Grpc.Core.StatusCode.Unavailable, "The server is stopping."));
        TakeOutput();
        outputs.Send(durable);
    }

    private void StopWhenDone()
    {
        if (IsSaved)
        {
            Context.Stop(Self);
        }
        else if (!snapshots.IsBusy && !snapshotFailed)
        {
            TakeSnapshot();
        }

        HandToStores();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {RunId} is on another node now: epoch {Epoch} is over.")]
    private partial void LogFenced(string runId, long epoch);

    [LoggerMessage(Level = LogLevel.Error, Message = "The frame log cannot write; the trainers of run {RunId} are asked to connect again later.")]
    private partial void LogLogFailed(string runId, Exception error);

    [LoggerMessage(Level = LogLevel.Error, Message = "Input {Position} of run {RunId} could not be applied; the run goes on without it.")]
    private partial void LogDefect(string runId, long position, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The snapshot of run {RunId} could not be saved; the next one is tried.")]
    private partial void LogSnapshotFailed(string runId, Exception error);
}
