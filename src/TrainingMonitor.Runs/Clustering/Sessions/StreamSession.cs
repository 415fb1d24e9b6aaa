using Akka.Actor;
using Grpc.Core;
using TrainingMonitor.Protocol.V1;
using TrainingMonitor.Runs.Clustering.Messages;
using TrainingMonitor.Runs.Gateway;
using Status = Google.Rpc.Status;

namespace TrainingMonitor.Runs.Clustering.Sessions;

/// <summary>A trainer's stream at the node that holds its connection: finds the run, and hands on its answers. Ends with the stream, the run's actor or its node.</summary>
internal sealed class StreamSession : UntypedActor, IWithTimers
{
    private const string Overdue = "overdue";
    private const string Again = "again";
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);

    // A question to a run whose node has just died is lost, and the run is on another node some seconds later.
    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(1);

    // Longer than a takeover of a run takes; a trainer that has waited in vain asks again.
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(15);

    private readonly IActorRef region;
    private readonly Hello hello;
    private readonly IIngestSession session;
    private readonly TaskCompletionSource<ForwardedStream> answer;
    private ForwardedStream? stream;

    public StreamSession(IActorRef region, Hello hello, IIngestSession session, TaskCompletionSource<ForwardedStream> answer) =>
        (this.region, this.hello, this.session, this.answer) = (region, hello, session, answer);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        region.Tell(new OpenRun(hello), Self);
        Timers.StartPeriodicTimer(Again, Again, AskInterval);
        Timers.StartSingleTimer(Overdue, Overdue, OpenTimeout);
    }

    protected override void PostStop()
    {
        answer.TrySetException(Error(RpcStatus.Of(StatusCode.Unavailable, "The node is stopping.")));
        session.Close(Error(RpcStatus.Of(StatusCode.Unavailable, "The node has ended its work on the stream; connect again.")));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case RunOpened opened when stream is null:
                OnOpened(opened);
                break;
            case RunRefused refused:
                answer.TrySetException(Error(refused.Status));
                Context.Stop(Self);
                break;
            case ToTrainer toTrainer:
                OnAnswer(toTrainer.Frame);
                break;
            case EndStream end:
                End(end.Status);
                break;
            case StreamLost:
                // A run that has not answered yet watches this session.
                stream?.Run.Tell(StreamLost.Instance, Self);
                Context.Stop(Self);
                break;
            case Terminated:
                End(RpcStatus.Of(StatusCode.Unavailable, "The run's node has gone, or the run moves to another; nothing is lost, connect again."));
                break;
            case Again when stream is null:
                region.Tell(new OpenRun(hello), Self);
                break;
            case Again:
                break;
            case Overdue when stream is null:
                answer.TrySetException(Error(RpcStatus.Of(StatusCode.Unavailable, $"The node of run {hello.RunId} does not answer; connect again.")));
                Context.Stop(Self);
                break;
            case Overdue:
                Look();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnOpened(RunOpened opened)
    {
        stream = new ForwardedStream(opened.Welcome, opened.Ingest, Sender, Self);
        Context.Watch(Sender);
        Timers.Cancel(Again);
        Timers.StartPeriodicTimer(Overdue, Overdue, LookInterval);
        if (!answer.TrySetResult(stream))
        {
            // Whoever asked has gone meanwhile.
            Self.Tell(StreamLost.Instance);
        }
    }

    private void OnAnswer(ServerFrame frame)
    {
        if (frame.BodyCase == ServerFrame.BodyOneofCase.Ack)
        {
            stream?.Received(frame.Ack.Received);
        }

        if (!session.TrySend(frame))
        {
            stream?.Run.Tell(StreamLost.Instance, Self);
            Context.Stop(Self);
        }
    }

    // What is on its way to another node may be lost with the connection between them, and the last frame of a burst has none behind it that would show the gap.
    private void Look()
    {
        if (stream!.HasWaitedSince(LookInterval))
        {
            stream.Run.Tell(StreamLost.Instance, Self);
            End(RpcStatus.Of(StatusCode.Unavailable, "The run's node does not answer; nothing is lost, connect again."));
        }
    }

    private void End(Status status)
    {
        answer.TrySetException(Error(status));
        session.Close(Error(status));
        Context.Stop(Self);
    }

    private static RpcException Error(Status status) => status.ToRpcException();
}
