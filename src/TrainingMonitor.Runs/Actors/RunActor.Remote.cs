using Akka.Actor;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Clustering.Messages;
using TrainingMonitor.Runs.Clustering.Sessions;
using RunStatus = TrainingMonitor.Protocol.V1.RunState;

namespace TrainingMonitor.Runs.Actors;

/// <content>The run as one of a cluster: trainers and readers may be on any node.</content>
internal sealed partial class RunActor
{
    private readonly Dictionary<IActorRef, RemoteStream> remote = [];
    private readonly Dictionary<IActorRef, RemoteSubscriber> readers = [];
    private readonly HashSet<IActorRef> asking = [];
    private bool woken;

    /// <summary>Not read yet: only a trainer, or word that a report is overdue, is worth it.</summary>
    private void Waiting(object message)
    {
        switch (message)
        {
            case OpenRun when node.Runs.Count >= node.Options.MaxRuns:
                Sender.Tell(new RunRefused(RpcStatus.Full($"{node.Options.MaxRuns} runs are open on the run's node, which is the limit.")));
                Context.Parent.Tell(node.Home.Passivation);
                break;
            case OpenRun or WakeRun:
                woken = message is WakeRun;
                Stash.Stash();
                Load();
                break;
            case StopRun:
                Context.Stop(Self);
                break;
            case IToRun:
                NotHere(message);
                Context.Parent.Tell(node.Home.Passivation);
                break;
            default:
                // Of a stream that ended with the actor before this one.
                Unhandled(message);
                break;
        }
    }

    // A reader is content with what the store says.
    private void NotHere(object message)
    {
        switch (message)
        {
            case AskDetail:
                Sender.Tell(new DetailAnswer(null));
                break;
            case WatchRun:
                Sender.Tell(WatchEnded.Instance);
                break;
            case AdviseRun:
                Sender.Tell(new Advised(false));
                break;
            default:
                break;
        }
    }

    private void LoadFailed(Exception error)
    {
        LogLoadFailed(runId, error);
        var refusal = RpcStatus.Of(StatusCode.Unavailable, $"Run {runId} cannot be read now; connect again.");
        foreach (var letter in Stash.ClearStash())
        {
            if (letter.Message is OpenRun)
            {
                letter.Sender.Tell(new RunRefused(refusal));
            }
        }

        Context.Stop(Self);
    }

    private void OnRemote(object message)
    {
        switch (message)
        {
            case PostFrame post:
                OnPost(post);
                break;
            case OpenRun open:
                OnRemoteOpen(open);
                break;
            case StreamLost:
                Lost(Sender);
                break;
            case Terminated terminated:
                Lost(terminated.ActorRef);
                break;
            case WakeRun:
                OnWake();
                break;
            case AskDetail:
                Sender.Tell(new DetailAnswer(Detail()));
                break;
            case AdviseRun advise:
                Sender.Tell(new Advised(Advise(advise.Advice)));
                break;
            default:
                OnRemoteReader(message);
                break;
        }
    }

    private void OnRemoteReader(object message)
    {
        switch (message)
        {
            case WatchRun when !readers.ContainsKey(Sender):
                var subscriber = new RemoteSubscriber(Sender, Self);
                readers.Add(Sender, subscriber);
                subscribers.Add(subscriber);
                Context.Watch(Sender);
                subscriber.Mark();
                break;
            case PullRun when readers.TryGetValue(Sender, out var reader):
                Answer(reader);
                break;
            case Unwatch:
                Lost(Sender);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnRemoteOpen(OpenRun open)
    {
        // A session asks until it is answered.
        var session = Sender;
        if (remote.TryGetValue(session, out var known))
        {
            session.Tell(new RunOpened(known.Stream.Welcome, node.Options.Ingest));
        }
        else if (asking.Add(session))
        {
            Context.Watch(session);
            OnOpen(new OpenStream(open.Hello, new RemoteSession(session, Self), new RemoteOpening(session, Self, node.Options.Ingest, stream => Opened(session, stream))));
        }
    }

    private void Opened(IActorRef session, RunStream stream)
    {
        if (asking.Contains(session))
        {
            remote[session] = new RemoteStream(stream);
        }
        else
        {
            // It has gone while the attempt became durable.
            OnGone(stream);
        }
    }

    private void OnPost(PostFrame post)
    {
        if (!remote.TryGetValue(Sender, out var stream))
        {
            return;
        }

        try
        {
            if (stream.Take(post) is { } frame)
            {
                OnFrame(frame);
            }
        }
        catch (InvalidProtocolBufferException error)
        {
            // The other node has read the same bytes: they were changed on the way.
            Refuse(stream.Stream, new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, $"A frame was damaged on its way between two nodes: {error.Message}")));
        }
    }

    private void Lost(IActorRef other)
    {
        Context.Unwatch(other);
        asking.Remove(other);
        if (remote.Remove(other, out var stream))
        {
            OnGone(stream.Stream);
        }

        if (readers.Remove(other, out var reader))
        {
            subscribers.Remove(reader);
        }
    }

    // The promise was made to the shared store, whose clock says that it is broken. Asked of a run that another message has brought here it says nothing:
    // this actor's own clock watches that one.
    private void OnWake()
    {
        if (woken && Machine.Status == RunStatus.Running && links.Values.All(link => link.Stream is null) && !logFailed)
        {
            Decide(new ClockDecision { Kind = ClockDecision.Types.Kind.Stalled, Step = Machine.Summary().Step });
        }

        woken = false;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Run {RunId} cannot be read; its trainers are asked to connect again.")]
    private partial void LogLoadFailed(string runId, Exception error);
}
